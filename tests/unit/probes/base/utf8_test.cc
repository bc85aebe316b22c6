#include "probes/base/utf8.h"

#include <gtest/gtest.h>

namespace mxswitch {
namespace {

TEST(Utf8, IsToldFromOtherOctets) {
  for (const char* text : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe5\xaf\x86", "\xf0\x9f\x94\x91",
                           "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\xfc", "Telef\xf3nica", "\xc3", "\xe5\xaf", "\xf0\x9f\x94", "\x80",
                           "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "a\xc3(b"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("gr\xc3\xbc\xc3\x9f"), 4u);
  EXPECT_EQ(count_code_points("\xff\xfe\xc3"), 3u);
}

TEST(Utf8, IsCutBetweenCharacters) {
  EXPECT_EQ(cut_to_octets("abc", 3), "abc");
  EXPECT_EQ(cut_to_octets("abc", 2), "ab");
  EXPECT_EQ(cut_to_octets("a\xc3\xbc", 2), "a");
  EXPECT_EQ(cut_to_octets("\xf0\x9f\x94\x91x", 3), "");
  EXPECT_EQ(cut_to_octets("\xf0\x9f\x94\x91x", 4), "\xf0\x9f\x94\x91");
  EXPECT_EQ(cut_to_octets("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
  EXPECT_EQ(cut_to_octets("abc", 0), "");
}

}  // namespace
}  // namespace mxswitch
