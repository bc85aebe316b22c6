#include "orchestrator/plan/window.h"

#include <gtest/gtest.h>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

Time at(const char* text) { return *parse_time(text); }

TEST(Window, IsWrittenAsItWasRead) {
  struct Case {
    const char* text;
    const char* again;  // empty: refused
  };
  const Case cases[] = {
      {"22:00-05:00", "22:00-05:00"},
      {"00:00-24:00", "00:00-24:00"},
      {"Mon-Fri 18:00-23:00", "Mon,Tue,Wed,Thu,Fri 18:00-23:00"},
      {"Sat,Sun 08:30-20:00", "Sun,Sat 08:30-20:00"},
      {"Fri-Mon 08:00-09:00", "Sun,Mon,Fri,Sat 08:00-09:00"},
      {"", ""},
      {"22:00", ""},
      {"22:00-22:00", ""},
      {"24:00-05:00", ""},
      {"22:60-05:00", ""},
      {"25:00-05:00", ""},
      {"1:00-05:00", ""},
      {"-1:00-05:00", ""},
      {"Mo 18:00-23:00", ""},
      {"Mon- 18:00-23:00", ""},
      {"Mon,,Tue 18:00-23:00", ""},
      {"Mon 18:00-23:00 UTC", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto window = Window::parse(c.text);
    EXPECT_EQ(window ? window->text() : "", c.again);
    if (window) {
      EXPECT_EQ(*Window::parse(window->text()), *window);
    }
  }
}

TEST(Window, OpensOnItsDaysAndPastMidnight) {
  const auto window = *Window::parse("Fri 22:00-05:00");  // 2026-11-20 is a Friday
  EXPECT_FALSE(window.contains(at("2026-11-20T21:59:59Z")));
  EXPECT_TRUE(window.contains(at("2026-11-20T22:00:00Z")));
  EXPECT_TRUE(window.contains(at("2026-11-21T04:59:59Z")));
  EXPECT_FALSE(window.contains(at("2026-11-21T05:00:00Z")));
  EXPECT_FALSE(window.contains(at("2026-11-20T03:00:00Z")));
  EXPECT_FALSE(window.contains(at("2026-11-21T22:00:00Z")));
}

TEST(Window, TellsWhenItOpensNext) {
  const auto window = *Window::parse("Mon-Fri 18:00-23:00");
  EXPECT_EQ(window.next(at("2026-11-20T19:00:00Z")), at("2026-11-20T19:00:00Z"));
  EXPECT_EQ(window.next(at("2026-11-20T10:00:00Z")), at("2026-11-20T18:00:00Z"));
  EXPECT_EQ(window.next(at("2026-11-20T23:00:00Z")), at("2026-11-23T18:00:00Z"));
  const auto weekly = *Window::parse("Fri 18:00-23:00");
  EXPECT_EQ(weekly.next(at("2026-11-20T23:00:00Z")), at("2026-11-27T18:00:00Z"));
  EXPECT_TRUE(Window::parse("00:00-24:00")->contains(at("2026-11-20T23:59:59Z")));
}

}  // namespace
}  // namespace mxswitch::orchestrator
