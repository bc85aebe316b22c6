#include "monitor/watch/scheduler.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using probes::DnsName;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));

DnsName name(std::string_view text) { return *DnsName::parse(text); }

TEST(Scheduler, GivesOwnersInOrderOfTheirTime) {
  Scheduler scheduler;
  scheduler.set(name("b.example"), kStart + seconds(2));
  scheduler.set(name("a.example"), kStart + seconds(3));
  scheduler.set(name("c.example"), kStart + seconds(1));
  EXPECT_EQ(scheduler.next(), kStart + seconds(1));
  EXPECT_EQ(scheduler.take_due(kStart + seconds(2)),
            (std::vector{name("c.example"), name("b.example")}));
  EXPECT_EQ(scheduler.next(), kStart + seconds(3));
}

TEST(Scheduler, AnOwnerHasOneWakeUp) {
  Scheduler scheduler;
  scheduler.set(name("a.example"), kStart + seconds(5));
  scheduler.set(name("A.EXAMPLE"), kStart + seconds(9));
  EXPECT_TRUE(scheduler.take_due(kStart + seconds(8)).empty());
  scheduler.erase(name("a.example"));
  EXPECT_FALSE(scheduler.next());
}

}  // namespace
}  // namespace mxswitch::monitor
