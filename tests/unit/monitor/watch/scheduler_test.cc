#include "monitor/watch/scheduler.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));

TEST(Scheduler, GivesOwnersInOrderOfTheirTime) {
  Scheduler scheduler;
  scheduler.set(1, kStart + seconds(2));
  scheduler.set(0, kStart + seconds(3));
  scheduler.set(7, kStart + seconds(1));
  EXPECT_EQ(scheduler.next(), kStart + seconds(1));
  EXPECT_EQ(scheduler.take_due(kStart + seconds(2)), (std::vector<OwnerNumber>{7, 1}));
  EXPECT_EQ(scheduler.next(), kStart + seconds(3));
}

TEST(Scheduler, AnOwnerHasOneWakeUp) {
  Scheduler scheduler;
  scheduler.set(3, kStart + seconds(5));
  scheduler.set(3, kStart + seconds(9));
  EXPECT_TRUE(scheduler.take_due(kStart + seconds(8)).empty());
  scheduler.erase(3);
  EXPECT_FALSE(scheduler.next());
  scheduler.erase(3);
}

TEST(Scheduler, TakesNoMoreThanItIsAskedFor) {
  Scheduler scheduler;
  for (OwnerNumber owner : {0u, 1u, 2u}) scheduler.set(owner, kStart);
  EXPECT_EQ(scheduler.take_due(kStart, 2).size(), 2u);
  EXPECT_EQ(scheduler.take_due(kStart, 2).size(), 1u);
}

// Against a plain map, over many random changes.
TEST(Scheduler, AgreesWithAMapWhateverIsDoneToIt) {
  Scheduler scheduler;
  std::map<OwnerNumber, Time> plain;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    const auto owner = static_cast<OwnerNumber>(random() % 200);
    if (random() % 4 == 0) {
      scheduler.erase(owner);
      plain.erase(owner);
    } else {
      const Time at = kStart + seconds(random() % 1000);
      scheduler.set(owner, at);
      plain[owner] = at;
    }
    std::optional<Time> earliest;
    for (const auto& [one, at] : plain) earliest = std::min(earliest.value_or(at), at);
    ASSERT_EQ(scheduler.next(), earliest) << "step " << step;
    if (random() % 50 != 0) continue;
    const Time now = kStart + seconds(random() % 1000);
    for (const OwnerNumber due : scheduler.take_due(now)) {
      ASSERT_TRUE(plain.contains(due) && plain[due] <= now) << "step " << step;
      plain.erase(due);
    }
  }
}

}  // namespace
}  // namespace mxswitch::monitor
