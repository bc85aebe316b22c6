#include "monitor/propagation/caches.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

class CacheIdentity : public testing::Test {
 protected:
  void answer(int when, const MxSet& set, std::uint32_t ttl, const std::string& nsid = {}) {
    ResolverSample sample;
    sample.received_at = sample.sent_at = Time(seconds(when));
    sample.outcome = Outcome::answered;
    sample.set = set;
    sample.ttl = ttl;
    sample.nsid = nsid;
    caches_.note(sample, classes_, [](const MxSet&) { return std::optional<std::uint32_t>(300); });
  }
  std::size_t count() const { return caches_.all().size(); }

  Classifier classes_{kNew, {kOld}};
  Caches caches_;
};

TEST_F(CacheIdentity, OneFetchCountsDown) {
  answer(0, kOld, 300);
  answer(100, kOld, 200);
  answer(250, kOld, 49);
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(caches_.all()[0].warm);
}

TEST_F(CacheIdentity, TheSameCacheFetchingAgainIsNotASecondOne) {
  answer(0, kOld, 300);
  answer(301, kNew, 300);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(caches_.all()[0].set, kNew);
}

TEST_F(CacheIdentity, PrefetchInTheLastTenthIsNotASecondOne) {
  answer(0, kOld, 300);
  answer(275, kNew, 300);
  EXPECT_EQ(count(), 1u);
}

TEST_F(CacheIdentity, OverlappingAnswersAreTwoCaches) {
  answer(0, kOld, 300);
  answer(10, kOld, 200);
  EXPECT_EQ(count(), 2u);
  answer(20, kNew, 100);
  EXPECT_EQ(count(), 3u);
}

TEST_F(CacheIdentity, AnotherNsidIsAnotherCache) {
  answer(0, kOld, 300, "a");
  answer(0, kOld, 300, "b");
  answer(301, kNew, 300, "a");
  ASSERT_EQ(count(), 2u);
  EXPECT_EQ(caches_.all()[1].set, kOld);
}

TEST_F(CacheIdentity, FreshAnswersAndConstantTtlsAreNotToldApart) {
  answer(0, kNew, 300);
  answer(20, kNew, 299);
  EXPECT_EQ(count(), 1u);
  answer(330, kOld, 30);
  answer(340, kOld, 30);
  answer(350, kOld, 30);
  EXPECT_EQ(count(), 1u);
}

TEST_F(CacheIdentity, AFreshFetchGoesToTheExpiredCacheThatWasOld) {
  answer(0, kOld, 100);
  answer(10, kNew, 250);
  ASSERT_EQ(count(), 2u);
  answer(120, kNew, 300);
  ASSERT_EQ(count(), 2u);
  for (const Cache& cache : caches_.all()) EXPECT_EQ(cache.set, kNew);
}

TEST_F(CacheIdentity, OnlyAnAgedFirstAnswerOrAnOldOneIsWarm) {
  answer(0, kNew, 300);
  EXPECT_FALSE(caches_.all()[0].warm);
  answer(1, kNew, 200);
  EXPECT_TRUE(caches_.all()[1].warm);
}

TEST_F(CacheIdentity, NeverForgetsAStaleCacheForANewOne) {
  answer(0, kOld, 299);
  for (int i = 1; i <= 40; ++i) answer(i, kNew, static_cast<std::uint32_t>(290 - 5 * i));
  EXPECT_LE(count(), 16u);
  const auto& all = caches_.all();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Cache& c) { return c.set == kOld; }));
}

}  // namespace
}  // namespace mxswitch::monitor
