#include "dashboards/views/escape.h"

#include <gtest/gtest.h>

namespace mxswitch::dashboards {
namespace {

TEST(Escape, TableOfTexts) {
  const struct {
    std::string in, out;
  } rows[] = {
      {"", ""},
      {"shop.example", "shop.example"},
      {"<script>", "&lt;script&gt;"},
      {"\" onload='x'", "&quot; onload=&#39;x&#39;"},
      {"&amp;", "&amp;amp;"},
      {"Zürich → 10", "Zürich → 10"},
      {"a\nb\tc", "a\nb\tc"},
      {"\x1b[2J", "\xEF\xBF\xBD[2J"},
      {std::string("\0", 1), "\xEF\xBF\xBD"},
      {"\xff", "\xEF\xBF\xBD"},
      {"\xc3", "\xEF\xBF\xBD"},                                  // cut short
      {"\xc0\xbc", "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong '<'
      {"\xed\xa0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // surrogate
      {"\xE2\x80\xAE", "\xEF\xBF\xBD"},                          // right-to-left override
  };
  for (const auto& row : rows) EXPECT_EQ(escape(row.in), row.out) << row.in;
}

TEST(Printable, NothingMovesTheCursor) {
  EXPECT_EQ(printable("a\x1b[2J\r\nb\x7f\xc2\x9b"), "a?[2J??b??");
  EXPECT_EQ(printable("Zürich"), "Zürich");
}

TEST(Cut, CountsColumnsNotOctets) {
  EXPECT_EQ(columns("Zürich"), 6u);
  EXPECT_EQ(cut("Zürich", 6), "Zürich");
  EXPECT_EQ(cut("Zürich", 3), "Zü…");
  EXPECT_EQ(cut("Zurich", 3, true), "Zu.");
  EXPECT_EQ(cut("Zurich", 0), "");
  EXPECT_EQ(columns("日本語"), 6u);
  EXPECT_EQ(columns("e\xcc\x81"), 1u);
  EXPECT_EQ(columns("\xff\xff"), 2u);
  EXPECT_EQ(cut("日本語", 4), "日…");
}

}  // namespace
}  // namespace mxswitch::dashboards
