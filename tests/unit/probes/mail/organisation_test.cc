#include "probes/mail/organisation.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

std::string of(const std::string& domain) { return organisational_domain(domain).value(); }

TEST(Organisation, IsThePublicSuffixAndOneLabelMore) {
  EXPECT_EQ(of("example.com"), "example.com");
  EXPECT_EQ(of("a.b.example.com"), "example.com");
  EXPECT_EQ(of("news.shop.co.uk"), "shop.co.uk");
  EXPECT_EQ(of("www.city.kawasaki.jp"), "city.kawasaki.jp") << "an exception of the list";
  EXPECT_EQ(of("a.b.c.kawasaki.jp"), "b.c.kawasaki.jp") << "a wildcard of the list";
  EXPECT_EQ(of("mail.xn--85x722f.com.cn"), "xn--85x722f.com.cn");
  EXPECT_EQ(of("news.shop.example"), "shop.example") << "what the list lacks is one label";
}

TEST(Organisation, APublicSuffixIsItsOwn) {
  for (const char* domain : {"com", "co.uk", "x.kawasaki.jp"}) EXPECT_EQ(of(domain), domain);
}

TEST(Organisation, AlignsWithinOneOrganisationUnlessStrict) {
  EXPECT_TRUE(aligned("shop.example", "shop.example", true).value());
  EXPECT_FALSE(aligned("news.shop.example", "shop.example", true).value());
  EXPECT_TRUE(aligned("news.shop.example", "shop.example", false).value());
  EXPECT_TRUE(aligned("shop.example", "news.shop.example", false).value());
  EXPECT_FALSE(aligned("shop.example", "other.example", false).value());
  EXPECT_FALSE(aligned("a.co.uk", "b.co.uk", false).value());
}

}  // namespace
}  // namespace mxswitch::probes
