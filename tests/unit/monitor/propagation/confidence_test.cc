#include "monitor/propagation/confidence.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

// The figures of PROPAGATION.md 2 C.
TEST(StaleShare, FollowsTheOneSidedBinomialBound) {
  struct Case {
    int sampled, stale;
    double upper;
  };
  for (const Case& c :
       {Case{20, 0, 0.139}, {59, 0, 0.0495}, {299, 0, 0.00997}, {93, 1, 0.0501}, {3, 3, 1.0}}) {
    const auto upper = stale_share_upper(c.sampled, c.stale);
    ASSERT_TRUE(upper);
    EXPECT_NEAR(*upper, c.upper, 0.0006) << c.sampled << " with " << c.stale;
  }
}

TEST(StaleShare, IsUnknownWithoutACache) { EXPECT_FALSE(stale_share_upper(0, 0)); }

TEST(SamplesToFindOne, MatchesTheTableOfK) {
  EXPECT_EQ(samples_to_find_one(4, 0.95), 11);
  EXPECT_EQ(samples_to_find_one(4, 0.99), 17);
  EXPECT_EQ(samples_to_find_one(8, 0.95), 23);
  EXPECT_EQ(samples_to_find_one(8, 0.99), 35);
  EXPECT_EQ(samples_to_find_one(16, 0.95), 47);
  EXPECT_EQ(samples_to_find_one(16, 0.99), 72);
  EXPECT_EQ(samples_to_find_one(2, 0.99), 7);
  EXPECT_EQ(samples_to_find_one(1, 0.99), 1);
}

}  // namespace
}  // namespace mxswitch::monitor
