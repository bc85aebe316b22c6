#include "probes/dns/rrset.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

MxSet set(std::string_view text) { return MxSet::parse(text).value(); }

struct Case {
  std::string text;
  std::string result;
  std::string error;
};

class MxSetParse : public testing::TestWithParam<Case> {};

TEST_P(MxSetParse, GivesTextOrError) {
  const auto& c = GetParam();
  const auto parsed = MxSet::parse(c.text);
  if (c.error.empty()) {
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), c.result);
    EXPECT_EQ(*MxSet::parse(parsed->text()), *parsed);
  } else {
    ASSERT_FALSE(parsed) << parsed->text();
    EXPECT_EQ(parsed.error().fault, Fault::usage);
    EXPECT_EQ(parsed.error().what, c.error);
  }
}

std::string records(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i ? "," : "") + std::to_string(i) + " mx.example";
  return text;
}

constexpr auto kPreference = "the preference is not a number from 0 to 65535";
constexpr auto kNull = "a null MX is \"0 .\" and stands alone (RFC 7505 3)";

INSTANTIATE_TEST_SUITE_P(
    Table, MxSetParse,
    testing::Values(
        Case{"10 mx1.filter.example", "10 mx1.filter.example", ""},
        Case{"20 MX2.filter.example., 10 mx1.filter.example",
             "10 mx1.filter.example, 20 mx2.filter.example", ""},
        Case{" 10\tmx1.example ,10 mx1.EXAMPLE", "10 mx1.example", ""}, Case{"0 .", "0 .", ""},
        Case{"0 bücher.example", "0 xn--bcher-kva.example", ""}, Case{"65535 a", "65535 a", ""},
        Case{"", "", "a record is empty"}, Case{"10 a,", "", "a record is empty"},
        Case{",10 a", "", "a record is empty"}, Case{"mx1.example", "", kPreference},
        Case{"-1 a", "", kPreference}, Case{"65536 a", "", kPreference},
        Case{"1x a", "", kPreference}, Case{"10", "", "the exchange is missing"},
        Case{"10 192.0.2.1", "", "an exchange is a name, not an address (RFC 5321 5.1)"},
        Case{"10 192.0.2.1.", "", "an exchange is a name, not an address (RFC 5321 5.1)"},
        Case{"10 2001:db8::1", "", "an exchange is a name, not an address (RFC 5321 5.1)"},
        Case{"10 a b", "", "a character cannot stand in a domain name"},
        Case{"10 a..b", "", "a label is empty"}, Case{"10 .", "", kNull},
        Case{"0 ., 10 a", "", kNull}, Case{records(65), "", "there are more than 64 records"}));

TEST(MxSet, ComparesAsASet) {
  EXPECT_EQ(set("10 a, 20 b"), set("20 B, 10 A, 10 a"));
  EXPECT_NE(set("10 a"), set("20 a"));
  EXPECT_NE(set("10 a"), set("10 a, 20 b"));
  EXPECT_TRUE(MxSet().empty());
  EXPECT_EQ(MxSet().text(), "");
}

TEST(MxSet, KnowsTheNullMx) {
  EXPECT_TRUE(set("0 .").is_null());
  EXPECT_FALSE(set("0 a").is_null());
  EXPECT_FALSE(MxSet({{10, DnsName()}}).is_null());
  EXPECT_FALSE(MxSet().is_null());
}

TEST(MxSet, SharesExchangesWhateverThePreference) {
  EXPECT_TRUE(set("10 a, 20 b").shares_exchange(set("5 B")));
  EXPECT_FALSE(set("10 a").shares_exchange(set("10 b")));
  EXPECT_FALSE(set("10 a").shares_exchange(MxSet()));
  EXPECT_TRUE(set("10 a").has_exchange(*DnsName::parse("A")));
}

TEST(Txt, JoinsWithoutSpaces) {
  EXPECT_EQ((Txt{{"v=spf1 ip4:192.0.2", ".1 -all"}}.joined()), "v=spf1 ip4:192.0.2.1 -all");
  EXPECT_EQ(Txt{}.joined(), "");
}

TEST(RrType, HasItsName) {
  EXPECT_EQ(to_text(RrType::mx), "MX");
  EXPECT_EQ(to_text(static_cast<RrType>(12345)), "other");
}

}  // namespace
}  // namespace mxswitch::probes
