#include "probes/base/time_text.h"

#include <gtest/gtest.h>

namespace mxswitch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Time at(std::int64_t milliseconds) { return Time(Duration(milliseconds)); }

TEST(TimeText, FormatsTimes) {
  EXPECT_EQ(format_time(at(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(at(1795357930'999)), "2026-11-22T14:32:10Z");
  EXPECT_EQ(format_time_ms(at(1795357930'007)), "2026-11-22T14:32:10.007Z");
  EXPECT_EQ(format_time_ms(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_clock(at(1795357930'000)), "14:32:10Z");
  const Time t = at(1795357930'000);
  EXPECT_EQ(format_moment(t, t - std::chrono::hours(20)), "14:32:10Z");
  EXPECT_EQ(format_moment(t, t + std::chrono::hours(20)), "14:32:10Z");
  EXPECT_EQ(format_moment(t, t - std::chrono::hours(21)), format_time(t));
  EXPECT_EQ(format_moment(t, t + std::chrono::hours(24)), format_time(t));
}

TEST(TimeText, WritesEveryTimeThatItReads) {
  for (const char* text : {"0000-01-01T00:00:00Z", "1013-11-22T12:00:01Z", "1677-09-20T23:59:59Z",
                           "2262-04-12T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(format_time(*time), text);
    EXPECT_EQ(parse_time(format_time_ms(*time)).value(), *time);
  }
  EXPECT_FALSE(parse_time("9999-12-31T23:59:60Z"));
}

TEST(TimeText, ParsesTimes) {
  const struct {
    const char* text;
    std::int64_t milliseconds;
  } kRows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-22T14:32:10Z", 1795357930'000},
      {"2026-11-22T14:32:10.5Z", 1795357930'500},
      {"2026-11-22T14:32:10.0071234Z", 1795357930'007},
      {"2024-02-29T00:00:00Z", 1709164800'000},
      {"2016-12-31T23:59:60Z", 1483228800'000},
  };
  for (const auto& row : kRows) {
    const auto time = parse_time(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(*time, at(row.milliseconds)) << row.text;
  }
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "2026-11-22", "2026-11-22T14:32:10", "2026-11-22T14:32:10+01:00",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Zx", "2026-01-01T-1:00:00Z", "2026-01-01T00:-5:00Z",
        " 2026-01-01T00:00:00Z", "2026-01-01T 1:00:00Z", "+026-01-01T00:00:00Z"}) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().text(), "\"" + std::string(text) +
                                       "\" is not a time; write RFC 3339 in UTC, like "
                                       "2026-11-22T14:32:10Z");
  }
}

TEST(TimeText, ParsesDurations) {
  const struct {
    const char* text;
    Duration duration;
  } kRows[] = {
      {"0s", Duration(0)},         {"500ms", Duration(500)}, {"45s", seconds(45)},
      {"30m", minutes(30)},        {"1h30m", minutes(90)},   {"2d", hours(48)},
      {"1m1ms", Duration(60'001)},
  };
  for (const auto& row : kRows) {
    const auto duration = parse_duration(row.text);
    ASSERT_TRUE(duration) << row.text;
    EXPECT_EQ(*duration, row.duration) << row.text;
  }
}

TEST(TimeText, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"", "5", "h", "-5s", "1.5h", "5 s", "5x", "1h30", "99999999999999999999s",
        "9223372036854775807ms", "36601d", "36600d36600d"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().fault, Fault::usage);
    EXPECT_EQ(duration.error().what, "\"" + std::string(text) + "\" is not a duration");
  }
}

TEST(TimeText, FormatsDurationsWithTheirTwoLargestUnits) {
  const struct {
    Duration duration;
    const char* text;
  } kRows[] = {
      {Duration(0), "0 ms"},       {Duration(999), "999 ms"},
      {seconds(8), "8 s"},         {minutes(41), "41 min"},
      {minutes(72), "1 h 12 min"}, {hours(24) + seconds(5), "1 d"},
      {hours(49), "2 d 1 h"},      {minutes(1) + Duration(1500), "1 min 1 s"},
      {-minutes(5), "-5 min"},
  };
  for (const auto& row : kRows) EXPECT_EQ(format_duration(row.duration), row.text);
}

}  // namespace
}  // namespace mxswitch
