#include "probes/base/log.h"

#include <gtest/gtest.h>

#include <regex>

namespace mxswitch {
namespace {

TEST(Log, WritesOneLineWithUtcTimeAndLevel) {
  ASSERT_TRUE(set_log_level("info"));
  testing::internal::CaptureStderr();
  log(LogLevel::warning, "no answer\nfrom 192.0.2.1 {}");
  log(LogLevel::debug, "hidden");
  const std::string written = testing::internal::GetCapturedStderr();
  const std::regex line(
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z warning no answer\\?from 192.0.2.1 "
      "\\{\\}\n");
  EXPECT_TRUE(std::regex_match(written, line)) << written;
}

TEST(Log, TakesALevelByItsName) {
  for (const char* name : {"debug", "error", "warning", "info"}) EXPECT_TRUE(set_log_level(name));
  EXPECT_EQ(set_log_level("loud").error().text(),
            "\"loud\" is not a log level; choose debug, info, warning or error");
}

}  // namespace
}  // namespace mxswitch
