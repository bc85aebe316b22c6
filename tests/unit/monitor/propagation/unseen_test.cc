// Old answers that no listed authority explains: when they prove one that nobody listed, and when
// they never move the bound (PROPAGATION.md 2 B, Resets).
#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"
#include "tests/fakes/served.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
constexpr int kTtl = 600;     // v
constexpr int kChange = 300;  // u
constexpr int kMargin = 301;  // authority_spread and the clock's error
constexpr const char* kQuad9 = "9.9.9.9";
constexpr const char* kQuad9Too = "149.112.112.112";
constexpr const char* kGoogle = "8.8.8.8";
constexpr const char* kCloudflare = "1.1.1.1";

Time at(int s) { return Time(seconds(1'000'000 + s)); }

probes::Resolver resolver(const char* address, const char* name) {
  probes::Resolver one;
  one.endpoint = *Endpoint::parse(address);
  one.operator_name = name;
  return one;
}

class Unseen : public testing::Test {
 protected:
  Unseen() : core_(input(), at(0)) {
    core_.set_endpoints({server_}, at(0));
    serve(0, kOld);
    for (int when : {kChange, kChange + 30, kChange + 60}) serve(when, kNew);
  }

  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = kNew;
    in.declared_old_ttl = seconds(kTtl);
    in.resolvers = std::vector{resolver(kQuad9, "Quad9"), resolver(kQuad9Too, "Quad9"),
                               resolver(kGoogle, "Google"), resolver(kCloudflare, "Cloudflare")};
    return in;
  }

  void serve(int when, const MxSet& set) {
    core_.observe(served(server_, input().owner, at(when), set, kTtl));
  }

  // An answer with the old set.
  void old(const char* address, int when, std::uint32_t ttl, bool marked = false) {
    ResolverSample sample;
    sample.resolver = *Endpoint::parse(address);
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.set = kOld;
    sample.ttl = ttl;
    sample.stale_marked = marked;
    core_.observe(sample);
  }

  // One that was fetched then, and seen `later` seconds afterwards.
  void fetched(const char* address, int when, int later = 1) {
    old(address, when + later, static_cast<std::uint32_t>(kTtl - later));
  }

  // The fetch that the obligation of an authority nobody listed counts from; none without it.
  std::optional<Time> proved() const {
    for (const Obligation& one : core_.report(at(4000)).obligations)
      if (one.endpoint == "an authority that is not listed") {
        EXPECT_EQ(one.until, *one.ended_at + seconds(kMargin + kTtl));
        EXPECT_EQ(one.set, kOld);
        return one.ended_at;
      }
    return std::nullopt;
  }

  const AuthorityAddress server_{*DnsName::parse("ns1.shop.example"),
                                 *Endpoint::parse("198.51.100.11")};
  Propagation core_;
};

TEST_F(Unseen, TwoOperatorsWithinTheTtlProveOne) {
  fetched(kQuad9, 1000);
  EXPECT_FALSE(proved());
  fetched(kGoogle, 1000 + kTtl);
  EXPECT_EQ(proved(), at(1000 + kTtl));
}

TEST_F(Unseen, TwoOperatorsFurtherApartDoNot) {
  fetched(kQuad9, 1000);
  fetched(kGoogle, 1001 + kTtl);
  EXPECT_FALSE(proved());
}

TEST_F(Unseen, OneOperatorNeverMovesTheBound) {
  const auto before = core_.report(at(4000)).strict_until;
  for (int when = 1000; when < 3000; when += 100) {
    fetched(kQuad9, when);
    fetched(kQuad9Too, when + 10);
  }
  EXPECT_FALSE(proved());
  const PropagationReport report = core_.report(at(4000));
  EXPECT_EQ(report.strict_until, before);
  EXPECT_FALSE(report.ready());
  EXPECT_TRUE(std::any_of(report.resolvers.begin(), report.resolvers.end(), [](const auto& row) {
    return row.endpoint == *Endpoint::parse(kQuad9) && row.last_class == AnswerClass::old;
  })) << "it blocks C alone";
}

TEST_F(Unseen, AnAnswerMarkedStaleNeverDoes) {
  old(kQuad9, 1000, 500, true);
  old(kGoogle, 1001, 500, true);
  EXPECT_FALSE(proved());
}

// The TTL of stale answers (RFC 8767 section 4), where that lineage's E has passed.
TEST_F(Unseen, AShortTtlAfterTheExpiryNeverDoes) {
  for (const char* address : {kQuad9, kGoogle}) old(address, kChange + 1, 400);
  for (const char* address : {kQuad9, kGoogle}) old(address, 1000, 30);
  EXPECT_FALSE(proved());
  for (const char* address : {kQuad9, kGoogle}) old(address, 1001, 31);
  EXPECT_TRUE(proved());
}

TEST_F(Unseen, AFetchThatMayBeEarlierThanDeltaAfterTheChangeNeverDoes) {
  const int last = kChange + 60;  // u + delta
  fetched(kQuad9, last, 100);
  fetched(kGoogle, last, 100);
  EXPECT_FALSE(proved());
  fetched(kQuad9, last + 1, 110);
  fetched(kGoogle, last + 1, 110);
  EXPECT_EQ(proved(), at(last + 1));
}

// It may have stretched that TTL as it did another: the fetch is unknown by as much.
TEST_F(Unseen, AResolverThatOnceGaveALongerTtlMayHaveFetchedEarlier) {
  for (const char* address : {kQuad9, kGoogle}) old(address, kChange + 1, 3600);
  for (const char* address : {kQuad9, kGoogle}) fetched(address, 1000);
  EXPECT_FALSE(proved());
}

TEST_F(Unseen, ALaterFetchOfTheSameResolverTakesThePlaceOfTheEarlier) {
  fetched(kQuad9, 1000);
  fetched(kQuad9, 1400);
  fetched(kGoogle, 1300, 150);  // of both fetches of Quad9 within v, the later one counts
  EXPECT_EQ(proved(), at(1400));
  fetched(kQuad9, 1800);
  EXPECT_EQ(proved(), at(1800));
  fetched(kQuad9, 2000);  // nobody else's within v
  EXPECT_EQ(proved(), at(1800));
}

TEST_F(Unseen, WhatIsProvedIsNotTakenBackByAnEarlierFetch) {
  fetched(kGoogle, 1500);
  fetched(kQuad9, 1600);
  fetched(kQuad9Too, 1100, 550);  // beside that of Google
  EXPECT_EQ(proved(), at(1600));
}

TEST_F(Unseen, SurvivesARestart) {
  const auto restarted = [&](int when) {
    const ClockReading clock{at(when), at(when), seconds(when), "boot", true, Duration(0)};
    core_ = *Propagation::restore(input(), nlohmann::json::parse(core_.save(clock).dump()), clock);
  };
  fetched(kQuad9, 1000);
  restarted(1002);
  fetched(kGoogle, 1100);
  EXPECT_EQ(proved(), at(1100));
  restarted(1102);
  EXPECT_EQ(proved(), at(1100));
}

// Two operators that never let go: each refetches the old set as soon as it expires.
class Pair : public Unseen {
 protected:
  void never_let_go(int from, int to) {
    for (int when = from; when < to; when += kTtl)
      for (const char* one : {kQuad9, kGoogle}) fetched(one, when);
  }
  Result<void> waive(const char* address, int when) {
    return core_.waive(*Endpoint::parse(address), "stuck", {}, at(when));
  }
};

TEST_F(Pair, MayBeWaivedOnceItIsStuckForLong) {
  never_let_go(1500, 9000);
  EXPECT_TRUE(proved());
  EXPECT_FALSE(waive(kQuad9, 3000)) << "its copy may be an honest one yet";
  EXPECT_TRUE(waive(kQuad9, 9000));
  EXPECT_FALSE(proved()) << "its evidence left the bound";
  const PropagationReport report = core_.report(at(9000));
  EXPECT_LT(*report.strict_until, at(9000)) << "the bound stands where it stood without it";
  EXPECT_FALSE(report.ready()) << "the other one still blocks";
  EXPECT_TRUE(waive(kGoogle, 9001));
}

TEST_F(Pair, AThirdOperatorShowsThatItWasNone) {
  never_let_go(1500, 9000);
  ASSERT_TRUE(waive(kQuad9, 9000));
  fetched(kCloudflare, 9100);
  EXPECT_TRUE(proved()) << "the waiver is taken back";
  const auto refused = waive(kQuad9, 9200);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("third operator"), std::string::npos);
}

}  // namespace
}  // namespace mxswitch::monitor
