#include "monitor/watch/capacity.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

std::vector<probes::Resolver> resolvers(int others, int isp) {
  std::vector<probes::Resolver> all(static_cast<std::size_t>(others + isp));
  for (int i = 0; i < isp; ++i) all[static_cast<std::size_t>(i)].tier = probes::Tier::isp;
  return all;
}

TEST(Capacity, IsTheRateOfADayOverTheSamplesOfAMigration) {
  const auto limits = capacity_of(Rates{}, Policy{}, resolvers(48, 0));
  ASSERT_EQ(limits.size(), 1u);
  EXPECT_STREQ(limits[0].setting, "resolver_rate");
  EXPECT_NEAR(limits[0].migrations_a_day, 86400.0 / 23, 0.1);
  EXPECT_EQ(limits[0].at_once, 5) << "one sample each 5 s, one query a second";
  EXPECT_EQ(limits[0].draw, seconds(110));
  EXPECT_EQ(limits[0].kept_fresh, 600) << "one sample each in 10 minutes";
  EXPECT_EQ(limits[0].kept_with_spf, 120) << "and two texts each in 5 minutes";
}

TEST(Capacity, TheSlowerTierBinds) {
  const auto limits = capacity_of(Rates{}, Policy{}, resolvers(48, 91));
  ASSERT_EQ(limits.size(), 2u);
  EXPECT_STREQ(limits[0].setting, "isp_rate");
  EXPECT_EQ(limits[0].addresses, 91);
  EXPECT_NEAR(limits[0].migrations_a_day, 8640.0 / 23, 0.1);
  EXPECT_EQ(limits[0].at_once, 0) << "already one domain's samples are stretched";
  EXPECT_EQ(limits[0].draw, seconds(220)) << "one query in 10 s";
}

TEST(Capacity, NobodyToAskIsNoLimit) { EXPECT_TRUE(capacity_of(Rates{}, Policy{}, {}).empty()); }

}  // namespace
}  // namespace mxswitch::monitor
