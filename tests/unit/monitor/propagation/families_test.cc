#include "monitor/propagation/families.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const AuthorityAddress kV4{*DnsName::parse("ns1.shop.example"), *Endpoint::parse("198.51.100.11")};
const AuthorityAddress kV6{*DnsName::parse("ns1.shop.example"), *Endpoint::parse("2001:db8::11")};
const AuthorityAddress kOnlyV6{*DnsName::parse("ns2.shop.example"),
                               *Endpoint::parse("2001:db8::12")};
const Endpoint kControl = *Endpoint::parse("2001:db8:53::1");
const Endpoint kOther = *Endpoint::parse("2001:db8:53::2");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class FamiliesTest : public testing::Test {
 protected:
  FamiliesTest() {
    state_.input.expected = *MxSet::parse("10 mx1.filter.example");
    state_.input.family_controls = {kControl, kOther};
    state_.authorities.enumerate({kV4, kV6, kOnlyV6}, at(0), seconds(0));
  }
  void poll(const AuthorityAddress& address, int when, bool answers = true) {
    AuthoritySample sample;
    sample.server = address.server;
    sample.endpoint = address.endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = answers ? Outcome::answered : Outcome::timed_out;
    sample.authoritative = answers;
    sample.set = *MxSet::parse("10 mail.shop.example");
    state_.authorities.observe(sample, state_.input.expected);
  }
  void control(const Endpoint& address, int when, bool answers = false) {
    note_control(state_.tracks[address],
                 {address, at(when), at(when), answers, true, false, false});
  }
  void controls_fail(int when) {
    for (int i = 0; i < kRounds; ++i)
      for (const Endpoint& one : {kControl, kOther}) control(one, when + i);
  }
  const AuthorityState& of(const AuthorityAddress& address) const {
    return *state_.authorities.find(address);
  }
  bool judged(const AuthorityAddress& address, int when) const {
    return is_judged(of(address), state_.input, at(when));
  }

  PropagationState state_;
};

TEST_F(FamiliesTest, TheOtherFamilySpeaksForASilentAddress) {
  poll(kV4, 0);
  poll(kV6, 0);
  controls_fail(300);
  poll(kV6, 310, false);
  EXPECT_TRUE(follow_families(state_, at(310)));
  EXPECT_EQ(of(kV6).spoken_for_since, at(310));
  EXPECT_FALSE(judged(kV6, 310));
  EXPECT_TRUE(judged(kV4, 310));
}

TEST_F(FamiliesTest, OneControlThatAnswersIsEnough) {
  poll(kV6, 0, false);
  controls_fail(300);
  control(kOther, 310, true);
  EXPECT_FALSE(follow_families(state_, at(900)));
  EXPECT_TRUE(of(kV6).failed_polls > 0 && !of(kV6).spoken_for_since);
}

TEST_F(FamiliesTest, AnEndpointThatAnsweredLatelyShowsThatTheFamilyLives) {
  poll(kOnlyV6, 200);
  controls_fail(300);
  poll(kV6, 310, false);
  EXPECT_FALSE(follow_families(state_, at(310)));
  EXPECT_TRUE(follow_families(state_, at(500))) << "300 s after the last answer";
}

TEST_F(FamiliesTest, AServerWithoutTheOtherFamilyIsJudgedThoughItNeverAnswered) {
  poll(kV4, 0);
  for (int i = 0; i < kRounds; ++i) poll(kOnlyV6, 100 + i, false);
  EXPECT_TRUE(of(kOnlyV6).lame_before);
  EXPECT_FALSE(judged(kOnlyV6, 200)) << "lame before the change";
  controls_fail(300);
  follow_families(state_, at(310));
  EXPECT_FALSE(of(kOnlyV6).spoken_for_since);
  EXPECT_TRUE(judged(kOnlyV6, 310)) << "nobody can tell that it was lame";
}

TEST_F(FamiliesTest, AnAddressThatThePlanIgnoresSpeaksForNobody) {
  state_.input.ignored_authorities = {{kV4.endpoint.address.text(), "old box"}};
  controls_fail(300);
  follow_families(state_, at(310));
  EXPECT_FALSE(of(kV6).spoken_for_since);
}

TEST_F(FamiliesTest, WithBothFamiliesDeadNobodySpeaks) {
  const Endpoint v4 = *Endpoint::parse("192.0.2.53");
  state_.input.family_controls.push_back(v4);
  controls_fail(300);
  for (int i = 0; i < kRounds; ++i) control(v4, 300 + i);
  follow_families(state_, at(900));
  EXPECT_FALSE(of(kV6).spoken_for_since);
  EXPECT_TRUE(judged(kV4, 900) && judged(kV6, 900));
}

TEST_F(FamiliesTest, AFamilyWithoutRouteIsDeadAtOnceAndSoNamed) {
  state_.input.family_controls.clear();
  state_.limits.no_v6 = true;
  EXPECT_TRUE(mark_families(state_, at(1)));
  EXPECT_EQ(of(kV6).spoken_for_since, at(1));
  EXPECT_FALSE(of(kOnlyV6).spoken_for_since);
  for (int i = 0; i < kRounds; ++i) {
    poll(kOnlyV6, 10 + i, false);
    follow_families(state_, at(10 + i));
  }
  EXPECT_TRUE(judged(kOnlyV6, 20)) << "nobody can tell that it was lame";

  poll(kV4, 30);
  const Classifier classes(*MxSet::parse("10 mail.shop.example"), {});
  state_.input.expected = classes.expected();
  const Condition a =
      judge_authorities(state_.authorities, classes, state_.input, seconds(30), at(31));
  ASSERT_FALSE(a.reasons.empty());
  const auto& reason = a.reasons.back();
  EXPECT_EQ(reason.code, kFamilyNotCovered);
  EXPECT_EQ(reason.text,
            "ns2.shop.example (2001:db8::12) has only IPv6 and this host has none: what it serves "
            "is not known from here");
  const auto warnings = authority_warnings(state_.authorities, state_.input, at(31));
  ASSERT_FALSE(warnings.empty());
  EXPECT_EQ(warnings[0],
            "ns1.shop.example (2001:db8::11) can't be asked: this host has no IPv6; the same "
            "server's other addresses are judged in its place");

  state_.limits.no_v6 = false;
  EXPECT_TRUE(mark_families(state_, at(40)));
  EXPECT_TRUE(judged(kV6, 40));
}

TEST(LeftOut, MakesConditionAUnknownByNameUnlessItIsIgnored) {
  const DnsName zone = *DnsName::parse("shop.example"),
                server = *DnsName::parse("ns7.host.example");
  WalkLimits limits;
  limits.left_out = {{zone, server}};
  PropagationInput input;
  for (const Holds before : {Holds::yes, Holds::no}) {
    Condition a;
    a.holds = before;
    judge_left_out(limits, input, a);
    EXPECT_EQ(a.holds, before == Holds::yes ? Holds::unknown : Holds::no);
    ASSERT_EQ(a.reasons.size(), 1u);
    EXPECT_EQ(a.reasons[0].code, kLeftOut);
    EXPECT_TRUE(a.reasons[0].text.starts_with("ns7.host.example is named for shop.example"));
  }
  input.ignored_authorities = {{"ns7.host.example", "it is gone"}};
  Condition a;
  a.holds = Holds::yes;
  judge_left_out(limits, input, a);
  EXPECT_EQ(a.holds, Holds::yes);
}

TEST_F(FamiliesTest, AFamilyThatComesBackIsSilentOnItsOwnFromThen) {
  poll(kV4, 0);
  poll(kV6, 0);
  controls_fail(300);
  for (int i = 0; i < kRounds; ++i) poll(kV6, 310 + i, false);
  follow_families(state_, at(320));
  control(kControl, 2000, true);
  EXPECT_TRUE(follow_families(state_, at(2000)));
  EXPECT_TRUE(judged(kV6, 2000));
  using Reach = AuthorityReport::Reach;
  EXPECT_EQ(of(kV6).reach(at(2299)), Reach::unknown) << "it is asked for 300 s before it counts";
  EXPECT_EQ(of(kV6).reach(at(2300)), Reach::unreachable);
}

}  // namespace
}  // namespace mxswitch::monitor
