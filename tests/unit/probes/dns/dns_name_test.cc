#include "probes/dns/dns_name.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

using Wire = std::vector<std::uint8_t>;

DnsName name(std::string_view text) { return DnsName::parse(text).value(); }
std::string of(char c, std::size_t count) { return std::string(count, c); }

struct ParseCase {
  std::string text;
  std::string result;  // canonical text, or
  std::string error;   // what is wrong
};

class DnsNameParse : public testing::TestWithParam<ParseCase> {};

TEST_P(DnsNameParse, GivesTextOrError) {
  const auto& c = GetParam();
  const auto parsed = DnsName::parse(c.text);
  if (c.error.empty()) {
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), c.result);
    EXPECT_EQ(*DnsName::parse(parsed->text()), *parsed);
  } else {
    ASSERT_FALSE(parsed) << parsed->text();
    EXPECT_EQ(parsed.error().fault, Fault::usage);
    EXPECT_EQ(parsed.error().what, c.error);
  }
}

const std::string kLabel63 = of('a', 63);
const std::string kName255 = kLabel63 + "." + kLabel63 + "." + kLabel63 + "." + of('b', 61);

INSTANTIATE_TEST_SUITE_P(
    Table, DnsNameParse,
    testing::Values(ParseCase{".", ".", ""}, ParseCase{"shop.example", "shop.example", ""},
                    ParseCase{"shop.example.", "shop.example", ""},
                    ParseCase{"MX1.Shop.Example", "mx1.shop.example", ""},
                    ParseCase{"a\\.b.example", "a\\.b.example", ""},
                    ParseCase{"a\\046b.example", "a\\.b.example", ""},
                    ParseCase{"\\255\\000.example", "\\255\\000.example", ""},
                    ParseCase{"a b.example", "a\\032b.example", ""},
                    ParseCase{"a\\\\b", "a\\\\b", ""}, ParseCase{"\\@;x", "\\@\\;x", ""},
                    ParseCase{kLabel63, kLabel63, ""}, ParseCase{kName255, kName255, ""},
                    ParseCase{kName255 + ".", kName255, ""}, ParseCase{"", "", "the name is empty"},
                    ParseCase{"..", "", "a label is empty"},
                    ParseCase{".example", "", "a label is empty"},
                    ParseCase{"shop..example", "", "a label is empty"},
                    ParseCase{kLabel63 + "a.example", "", "a label is longer than 63 octets"},
                    ParseCase{kName255 + "b", "", "the name is longer than 255 octets"},
                    ParseCase{of('a', 5000), "", "the name is longer than 255 octets"},
                    ParseCase{"a\\", "", "an escape is not \\DDD with DDD up to 255"},
                    ParseCase{"a\\25", "", "an escape is not \\DDD with DDD up to 255"},
                    ParseCase{"a\\256", "", "an escape is not \\DDD with DDD up to 255"},
                    ParseCase{"a\\2x5", "", "an escape is not \\DDD with DDD up to 255"}));

class DnsNameFromUser : public testing::TestWithParam<ParseCase> {};

TEST_P(DnsNameFromUser, GivesALabelsOrError) {
  const auto& c = GetParam();
  const auto parsed = DnsName::from_user(c.text);
  if (c.error.empty()) {
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), c.result);
  } else {
    ASSERT_FALSE(parsed) << parsed->text();
    EXPECT_EQ(parsed.error().what, c.error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, DnsNameFromUser,
    testing::Values(ParseCase{" Shop.EXAMPLE. ", "shop.example", ""},
                    ParseCase{"_dmarc.shop.example", "_dmarc.shop.example", ""},
                    ParseCase{"*.shop.example", "*.shop.example", ""}, ParseCase{".", ".", ""},
                    ParseCase{"bücher.example", "xn--bcher-kva.example", ""},
                    ParseCase{"BÜCHER.example", "xn--bcher-kva.example", ""},
                    ParseCase{"faß.de", "xn--fa-hia.de", ""},
                    ParseCase{"https://shop.example", "",
                              "a character cannot stand in a domain name"},
                    ParseCase{"joe@shop.example", "", "a character cannot stand in a domain name"},
                    ParseCase{"shop example", "", "a character cannot stand in a domain name"},
                    ParseCase{"a\\046b", "", "a character cannot stand in a domain name"},
                    ParseCase{"", "", "the name is empty"}));

TEST(DnsName, FromUserRefusesWhatIdnaRefuses) {
  EXPECT_FALSE(DnsName::from_user("\xff\xfe.example"));      // no UTF-8
  EXPECT_FALSE(DnsName::from_user("\u2603\u200f.example"));  // a disallowed code point
}

TEST(DnsName, ErrorsQuoteTheNameAndStayShort) {
  const auto error = DnsName::parse("shop..example").error();
  EXPECT_EQ(error.text(), "name \"shop..example\": a label is empty");
  EXPECT_LT(DnsName::parse(of('a', 5000)).error().text().size(), 200u);
}

TEST(DnsName, FromWireTakesOnlyWholeNames) {
  EXPECT_EQ(DnsName::from_wire(Wire{0})->text(), ".");
  EXPECT_EQ(DnsName::from_wire(Wire{1, 'a', 2, 'b', 'c', 0})->text(), "a.bc");
  for (const Wire& bad : {Wire{}, Wire{1}, Wire{1, 'a'}, Wire{2, 'a', 0}, Wire{0, 0},
                          Wire{1, 'a', 0, 1}, Wire{0xc0, 12}, Wire{64, 0}, Wire(256, 1)}) {
    const auto parsed = DnsName::from_wire(bad);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().fault, Fault::malformed);
  }
}

TEST(DnsName, ComparesWithoutCase) {
  EXPECT_EQ(name("MX1.shop.EXAMPLE"), name("mx1.SHOP.example"));
  EXPECT_NE(name("mx1.shop.example"), name("mx2.shop.example"));
  EXPECT_NE(name("a\\.b"), name("a.b"));
  EXPECT_FALSE(name("B.example") < name("b.example"));
  EXPECT_LT(name("a.example"), name("B.example"));
  // Only ASCII folds: 0xc4 and 0xe4 are different octets (RFC 4343 3).
  EXPECT_NE(name("\\196"), name("\\228"));
  EXPECT_NE(name("["), name("{"));
}

TEST(DnsName, WalksUpAndDown) {
  EXPECT_EQ(name("a.b.c").label_count(), 3u);
  EXPECT_EQ(DnsName().label_count(), 0u);
  EXPECT_EQ(name("a.b.c").parent(), name("b.c"));
  EXPECT_EQ(name("c").parent(), DnsName());
  EXPECT_EQ(DnsName().parent(), DnsName());
  EXPECT_EQ(name("shop.example").with_prefix("www")->text(), "www.shop.example");
  EXPECT_EQ(DnsName().with_prefix("com")->text(), "com");
  EXPECT_EQ(name("b").with_prefix("x.y")->text(), "x\\.y.b");
  EXPECT_FALSE(name("b").with_prefix(""));
  EXPECT_FALSE(name("b").with_prefix(of('a', 64)));
  EXPECT_FALSE(name(kName255).with_prefix("a"));
}

TEST(DnsName, IsWithinLooksAtWholeLabels) {
  EXPECT_TRUE(name("a.Shop.example").is_within(name("shop.EXAMPLE")));
  EXPECT_TRUE(name("shop.example").is_within(name("shop.example")));
  EXPECT_TRUE(name("shop.example").is_within(DnsName()));
  EXPECT_FALSE(name("workshop.example").is_within(name("shop.example")));
  EXPECT_FALSE(name("example").is_within(name("shop.example")));
  EXPECT_FALSE(name("a\\.shop.example").is_within(name("shop.example")));
}

}  // namespace
}  // namespace mxswitch::probes
