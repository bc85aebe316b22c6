#include "probes/base/clock.h"

#include <gtest/gtest.h>

#include "probes/base/result.h"

namespace mxswitch {
namespace {

TEST(Clock, ManualMovesOnlyWhenTold) {
  ManualClock clock(Time(seconds(100)));
  EXPECT_EQ(clock.now(), Time(seconds(100)));
  clock.advance(Duration(250));
  EXPECT_EQ(clock.now(), Time(Duration(100'250)));
  clock.set(Time(seconds(7)));
  EXPECT_EQ(clock.reading().wall, Time(seconds(7)));
  EXPECT_TRUE(clock.reading().synchronised);
}

TEST(Clock, SystemStartsAtTheWallClockAndNeverGoesBack) {
  const SystemClock clock;
  const ClockReading reading = clock.reading();
  EXPECT_LT(std::chrono::abs(clock.now() - reading.wall), seconds(5));
  EXPECT_GT(reading.boot_time, Duration(0));
  EXPECT_EQ(reading.boot_id.size(), 36u);
  Time last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Error, SaysWhereWhatAndMendOnce) {
  EXPECT_EQ((Error{Fault::usage, "bad key", "a.toml:3", "drop it"}).text(),
            "a.toml:3: bad key; drop it");
  EXPECT_EQ((Error{Fault::usage, "bad key", "", "drop it"}).text(), "bad key; drop it");
  EXPECT_EQ((Error{Fault::usage, "bad key", "a.toml:3", ""}).text(), "a.toml:3: bad key");
  const Result<int> result = fail(Fault::stale, "old");
  EXPECT_EQ(result.error().fault, Fault::stale);
}

}  // namespace
}  // namespace mxswitch
