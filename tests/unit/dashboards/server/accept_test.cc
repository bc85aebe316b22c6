#include "dashboards/server/accept.h"

#include <gtest/gtest.h>

namespace mxswitch::dashboards {
namespace {

TEST(PrefersHtml, BrowsersDoAndProgramsDoNot) {
  const struct {
    const char* accept;
    bool html;
  } rows[] = {
      {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true},
      {"text/html", true},
      {"TEXT/HTML ; charset=utf-8 ; q=0.5", true},
      {"text/html;q=0.9,application/json;q=0.8", true},
      {"text/html;q=0.8,application/json;q=0.9", false},
      {"application/json, text/html", true},
      {"*/*", false},
      {"", false},
      {"text/*", false},
      {"text/plain", false},
      {"application/problem+json", false},
      {"text/html;q=0", false},
      {"text/html;q=nan", false},
      {"text/html;q=2", false},
      {"text/htmlx", false},
      {",;q=1,,;;", false},
  };
  for (const auto& row : rows) EXPECT_EQ(prefers_html(row.accept), row.html) << row.accept;
}

}  // namespace
}  // namespace mxswitch::dashboards
