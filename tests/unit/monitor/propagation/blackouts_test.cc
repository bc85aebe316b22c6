// When the silence of a zone's servers counts, and when it was our own way out (PROPAGATION.md 2
// A).
#include "monitor/propagation/blackouts.h"

#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"
#include "tests/fakes/served.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const AuthorityAddress kOne{*DnsName::parse("ns1.shop.example"), *Endpoint::parse("198.51.100.11")};
const AuthorityAddress kTwo{*DnsName::parse("ns2.shop.example"), *Endpoint::parse("198.51.100.12")};
const Endpoint kRoot = *Endpoint::parse("192.0.2.1");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class BlackoutsTest : public testing::Test {
 protected:
  BlackoutsTest() : core_(input(), at(0)) {
    core_.set_endpoints({kOne, kTwo}, at(0));
    for (const AuthorityAddress& one : {kOne, kTwo}) poll(one, 0, kOld);
    for (const AuthorityAddress& one : {kOne, kTwo}) poll(one, 100, kNew);
  }

  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = kNew;
    in.declared_old_ttl = seconds(20);
    in.policy.floor = seconds(0);
    in.policy.authority_spread = in.policy.clock_error = in.policy.delta = seconds(0);
    in.family_controls = {kRoot};
    return in;
  }

  void poll(const AuthorityAddress& server, int when, const std::optional<MxSet>& set) {
    core_.observe(served(server, input().owner, at(when), set, 20));
  }
  void both(int when, const std::optional<MxSet>& set) {
    for (const AuthorityAddress& one : {kOne, kTwo}) poll(one, when, set);
  }
  void root(int when, bool answers) {
    core_.observe(ControlSample{kRoot, at(when), at(when), answers, true, false, false});
  }
  Time strict(int when) const { return core_.report(at(when)).strict_until.value_or(Time()); }

  Propagation core_;
};

TEST_F(BlackoutsTest, AllSilentForAMinuteOweTheRecovery) {
  both(200, std::nullopt);
  root(205, true);
  both(230, std::nullopt);
  both(290, kNew);
  EXPECT_EQ(strict(291), at(290 + 900));
}

TEST_F(BlackoutsTest, AShorterSilenceOwesNothing) {
  both(200, std::nullopt);
  both(259, kNew);
  EXPECT_EQ(strict(260), at(120));
}

TEST_F(BlackoutsTest, OneThatAnswersMakesItNone) {
  for (int when = 200; when < 2000; when += 30) {
    poll(kOne, when, std::nullopt);
    poll(kTwo, when, kNew);
  }
  poll(kOne, 2000, kNew);
  EXPECT_EQ(strict(2001), at(120));
}

TEST_F(BlackoutsTest, WhenTheRootIsSilentTooItWasOurOwnWayOut) {
  both(200, std::nullopt);
  root(205, false);
  both(400, std::nullopt);
  both(700, kNew);
  EXPECT_EQ(strict(701), at(120));
  const auto report = core_.report(at(701));
  EXPECT_TRUE(std::any_of(report.warnings.begin(), report.warnings.end(), [](const auto& text) {
    return text.find("the root servers neither") != std::string::npos;
  })) << "it is shown as a gap";
}

TEST_F(BlackoutsTest, WhatTheServersKeepSilentAfterOurWayOutIsBackCountsAgain) {
  both(200, std::nullopt);
  root(205, false);
  root(500, true);
  both(530, std::nullopt);
  both(559, kNew);
  EXPECT_EQ(strict(560), at(120)) << "less than a minute of it was theirs";
  both(600, std::nullopt);
  root(605, false);
  root(700, true);
  both(730, std::nullopt);
  both(760, kNew);
  EXPECT_EQ(strict(761), at(760 + 900));
}

TEST_F(BlackoutsTest, WhatThePlanIgnoresNeverMatters) {
  PropagationInput in = input();
  in.ignored_authorities = {{"ns2.shop.example", "a dead box"}};
  core_.replace_input(std::move(in), at(150));
  poll(kTwo, 200, kNew);
  poll(kOne, 210, std::nullopt);
  poll(kTwo, 240, kNew);
  poll(kOne, 280, kNew);
  EXPECT_EQ(strict(281), at(280 + 900)) << "its answers end no silence of the others";
}

TEST_F(BlackoutsTest, ARestartForgetsNone) {
  both(200, std::nullopt);
  both(230, std::nullopt);
  ClockReading clock;
  clock.now = clock.wall = at(240);
  clock.boot_time = seconds(500);
  clock.boot_id = "boot";
  const auto saved = core_.save(clock);
  auto restored = Propagation::restore(input(), saved, clock);
  ASSERT_TRUE(restored);
  core_ = std::move(*restored);
  both(290, kNew);
  EXPECT_EQ(strict(291), at(290 + 900));
}

}  // namespace
}  // namespace mxswitch::monitor
