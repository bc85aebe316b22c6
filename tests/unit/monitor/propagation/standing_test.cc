// What one resolver must show in condition C, and when it is a violator.
#include <gtest/gtest.h>

#include "monitor/propagation/resolvers.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
constexpr int kStrict = 4000;  // strict_until, and when the gate opens

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class Standing : public testing::Test {
 protected:
  Standing() {
    bound_.ended_at = at(400);
    bound_.strict_until = bound_.opens_at = at(kStrict);
    note_control(track_, control());
  }

  static ControlSample control() {
    ControlSample sample;
    sample.received_at = at(kStrict);
    sample.root_answered = true;
    return sample;
  }

  ResolverContext context() const {
    const TtlOf given = [](const MxSet&) { return 3600U; };
    return {policy_, classes_, bound_, given, given, bound_, [](const Endpoint&) { return false; },
            3600,    {}};
  }

  void sample(int when, const MxSet& set, std::uint32_t ttl, const char* nsid = "") {
    ResolverSample one;
    one.sent_at = one.received_at = at(when);
    one.outcome = Outcome::answered;
    one.set = set;
    one.ttl = ttl;
    one.nsid = nsid;
    note_sample(track_, one, context());
  }

  // New answers of one warm fetch each, 5 s apart.
  int new_ones(int from, int count) {
    for (int i = 0; i < count; ++i) {
      sample(from + 5 * i, kNew, static_cast<std::uint32_t>(3000 - 5 * i));
    }
    return from + 5 * count;
  }

  ResolverStanding standing(int when) const {
    return judge_resolver(resolver_, track_, context(), at(when));
  }

  Policy policy_;
  Classifier classes_{kNew, {kOld}};
  DrainBound bound_;
  probes::Resolver resolver_;
  ResolverTrack track_;
};

TEST_F(Standing, KNewSamplesAfterTheBoundPass) {
  int now = new_ones(kStrict, policy_.k - 1);
  EXPECT_FALSE(standing(now).passed);
  new_ones(now, 1);
  EXPECT_TRUE(standing(now).passed);
  EXPECT_FALSE(reason_of(standing(now), context(), at(now)));
}

TEST_F(Standing, OneCacheSeenOldAfterTheBoundNeedsKMore) {
  sample(kStrict, kOld, 10);
  const int now = new_ones(kStrict + 11, policy_.k);
  EXPECT_EQ(samples_wanted(track_, context()), policy_.k);
  EXPECT_TRUE(standing(now).passed);
}

// Which of a farm's caches took the new answer can't be seen: (7/8)^52 < 0.1 %.
TEST_F(Standing, AFarmSeenOldAfterTheBoundNeedsSoManyThatItIsFoundAgain) {
  sample(kStrict - 50, kNew, 3000);
  sample(kStrict + 1, kOld, 10);
  int now = new_ones(kStrict + 20, policy_.k);
  EXPECT_EQ(samples_wanted(track_, context()), 52);
  EXPECT_FALSE(standing(now).passed);
  now = new_ones(now, 52 - policy_.k);
  EXPECT_TRUE(standing(now).passed);
}

// By a hash over our 64 source ports a single one may lead to that cache: (63/64)^439 < 0.1 %.
TEST_F(Standing, AFarmWhoseDrawEndedInAnEarlierSetIsAskedByEveryPort) {
  sample(kStrict - 50, kNew, 3000);
  int now = new_ones(kStrict, 5);
  sample(now, kOld, 10);
  now = new_ones(now + 11, 200);
  EXPECT_EQ(samples_wanted(track_, context()), 439);
  EXPECT_FALSE(standing(now).passed);
  new_ones(now, 239);
  track_.control_answered_at = track_.answered_at;
  EXPECT_TRUE(standing(now + 5 * 239).passed);
}

TEST_F(Standing, AFarmSeenOldBeforeTheBoundNeedsK) {
  sample(kStrict - 50, kNew, 3000);
  sample(kStrict - 40, kOld, 10);
  EXPECT_EQ(samples_wanted(track_, context()), policy_.k);
}

// Hundreds stand behind some addresses: one that was old while it might be is looked for, as in a
// farm of those that were met, but need not be met again.
TEST_F(Standing, ANamedCacheSeenOldBeforeTheBoundIsLookedFor) {
  const auto others = [&](int from, int until) {
    for (int i = from; i < until; ++i)
      sample(kStrict + 5 * i, kNew, static_cast<std::uint32_t>(3000 - 5 * i), "site-2");
    return standing(kStrict + 5 * until);
  };
  sample(kStrict - 50, kOld, 10, "site-1");
  EXPECT_FALSE(others(0, policy_.k).passed);
  EXPECT_EQ(samples_wanted(track_, context()), 52);
  EXPECT_TRUE(others(policy_.k, 52).passed);
}

TEST_F(Standing, ANamedCacheThatIsMetAgainNeedsKInAll) {
  sample(kStrict - 50, kOld, 10, "site-1");
  for (int i = 0; i < policy_.k; ++i)
    sample(kStrict + 5 * i, kNew, static_cast<std::uint32_t>(3000 - 5 * i),
           i == 7 ? "site-1" : "site-2");
  EXPECT_EQ(samples_wanted(track_, context()), policy_.k);
  EXPECT_TRUE(standing(kStrict + 5 * policy_.k).passed);
}

// A cache that names itself is met again or not: the answers of its neighbours say nothing of it.
TEST_F(Standing, ANamedCacheIsResolvedByItsOwnAnswerAlone) {
  sample(kStrict + 1, kOld, 10, "site-1");
  for (int i = 0; i < 60; ++i)
    sample(kStrict + 20 + 5 * i, kNew, static_cast<std::uint32_t>(3000 - 5 * i), "site-2");
  const int now = kStrict + 320;
  EXPECT_FALSE(standing(now).passed);
  EXPECT_EQ(standing(now).stale_caches, 1);
  EXPECT_NE(reason_of(standing(now), context(), at(now))->text.find("cache site-1"),
            std::string::npos);
  sample(now, kNew, 2000, "site-1");
  EXPECT_EQ(standing(now).stale_caches, 0);
  EXPECT_TRUE(standing(now).passed);
}

TEST_F(Standing, ANamedCacheThatIsGoneForGoodCanBeWaived) {
  sample(kStrict + 1, kOld, 10, "site-1");
  for (int i = 0; i < 60; ++i)
    sample(kStrict + 20 + 5 * i, kNew, static_cast<std::uint32_t>(3000 - 5 * i), "site-2");
  const int over = kStrict + 11 + 3600;
  EXPECT_FALSE(standing(over - 60).violator);
  EXPECT_TRUE(standing(over).violator);
  const auto reason = reason_of(standing(over), context(), at(over));
  EXPECT_EQ(reason->code, "violator");
  EXPECT_NE(reason->text.find("cache site-1"), std::string::npos);
}

// Else READY would stay closed for good with nothing to waive.
TEST_F(Standing, OneThatIsSilentSinceBeforeARestartCanBeWaivedToo) {
  sample(kStrict - 50, kOld, 10);
  restart_draw(track_);
  ResolverSample silent;
  silent.sent_at = silent.received_at = at(kStrict + 100);
  note_sample(track_, silent, context());
  const int over = kStrict - 40 + 3600;
  EXPECT_FALSE(standing(over - 60).violator);
  EXPECT_TRUE(standing(over).violator);
}

// After three draws nobody asks it for a while: it can be waived all the same.
TEST_F(Standing, OneThatIsDrawnOutIsAViolatorOnceItsTimeIsOver) {
  sample(kStrict - 400, kOld, 10);
  int now = kStrict;
  for (int draw = 0; draw < kMostDraws; ++draw) {
    sample(now, kNew, 3000);
    sample(now + 5, kOld, 10);
    now += 400;
  }
  sample(now, kNew, 3000);
  EXPECT_EQ(standing(now).stale_caches, 0);
  EXPECT_FALSE(standing(now).passed);
  EXPECT_EQ(reason_of(standing(now), context(), at(now))->code, "stale-cache");
  const int over = kStrict - 390 + 3600 + 1;
  EXPECT_FALSE(standing(over - 60).violator);
  EXPECT_TRUE(standing(over).violator);
}

}  // namespace
}  // namespace mxswitch::monitor
