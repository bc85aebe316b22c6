#include "monitor/propagation/resolver_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using ::testing::HasSubstr;

ResolverHealth good() {
  ResolverHealth health;
  health.answered = true;
  health.honest = health.validates = Told::yes;
  health.rtt = Duration(12);
  health.burst = 8;
  return health;
}

TEST(ResolverHealth, GoodNeedsNoWord) {
  EXPECT_EQ(judge_health(good()).worth, Worth::good);
  EXPECT_EQ(judge_health(good()).why, "");
  ResolverHealth lost_one = good();
  lost_one.burst_failed = 1;
  EXPECT_EQ(judge_health(lost_one).worth, Worth::good) << "loss alone is no limit";
}

TEST(ResolverHealth, WhatTellsAWatchNothingIsBadAndSaysHow) {
  ResolverHealth health;
  health.failure = "REFUSED";
  EXPECT_EQ(judge_health(health).worth, Worth::bad);
  EXPECT_EQ(judge_health(health).why, "REFUSED");
  health = good();
  health.honest = Told::no;
  EXPECT_EQ(judge_health(health).worth, Worth::bad);
  health = good();
  health.intercepted = true;
  EXPECT_EQ(judge_health(health).worth, Worth::bad);
}

TEST(ResolverHealth, TheWorstIsSaidFirst) {
  ResolverHealth health = good();
  health.burst_failed = 6;
  health.rtt = Duration(1500);
  HealthVerdict verdict = judge_health(health);
  EXPECT_EQ(verdict.worth, Worth::remark);
  EXPECT_EQ(verdict.why, "sign of a rate limit: 6 of 8 questions at once failed; slow: 1500 ms");
  health.honest = Told::no;
  health.intercepted = true;
  verdict = judge_health(health);
  EXPECT_THAT(verdict.why, testing::StartsWith("something on the way"));
  EXPECT_THAT(verdict.why, HasSubstr("; sign of a rate limit"));
}

TEST(ResolverHealth, WhoFiltersIsToldBesideThoseThatAnswer) {
  std::vector<ResolverHealth> all(3, good());
  compare_filtering(all, {NameSaid::none, NameSaid::none, NameSaid::silent});
  EXPECT_EQ(all[0].filters, Told::unknown) << "the name may just not exist";
  compare_filtering(all, {NameSaid::address, NameSaid::none, NameSaid::silent});
  EXPECT_EQ(all[0].filters, Told::no);
  EXPECT_EQ(all[1].filters, Told::yes);
  EXPECT_EQ(all[2].filters, Told::unknown);
  EXPECT_THAT(judge_health(all[1]).why, HasSubstr("the list does not say so"));
  all[1].resolver.filtering = true;
  EXPECT_EQ(judge_health(all[1]).why, "filters, as the list says");
}

}  // namespace
}  // namespace mxswitch::monitor
