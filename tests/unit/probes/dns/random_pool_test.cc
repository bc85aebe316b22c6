#include "probes/dns/random_pool.h"

#include <gtest/gtest.h>

#include <set>

namespace mxswitch::probes {
namespace {

TEST(RandomPool, GoesOnWithNewNumbersWhenItIsUsedUp) {
  RandomPool pool;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(pool.next());
  EXPECT_GT(seen.size(), 1990u);
}

TEST(RandomPool, StaysBelowTheEndAndReachesAll) {
  RandomPool pool;
  for (const std::uint32_t end : {1u, 3u, 64u}) {
    std::set<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < end * 40; ++i) seen.insert(pool.below(end));
    EXPECT_EQ(*seen.rbegin(), end - 1);
    EXPECT_EQ(seen.size(), end);
  }
}

}  // namespace
}  // namespace mxswitch::probes
