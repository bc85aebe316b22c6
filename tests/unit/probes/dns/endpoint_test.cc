#include "probes/dns/endpoint.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

struct Case {
  std::string text;
  std::string result;
  std::string error;
};

class EndpointParse : public testing::TestWithParam<Case> {};

TEST_P(EndpointParse, GivesTextOrError) {
  const auto& c = GetParam();
  const auto parsed = Endpoint::parse(c.text);
  if (c.error.empty()) {
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), c.result);
    EXPECT_EQ(*Endpoint::parse(parsed->text()), *parsed);
  } else {
    ASSERT_FALSE(parsed) << parsed->text();
    EXPECT_EQ(parsed.error().fault, Fault::usage);
    EXPECT_EQ(parsed.error().what, c.error);
    EXPECT_NE(parsed.error().mend, "");
  }
}

constexpr auto kPort = "the port is not a number from 1 to 65535";
constexpr auto kAddress = "this is no IP address";

INSTANTIATE_TEST_SUITE_P(
    Table, EndpointParse,
    testing::Values(Case{"192.0.2.1", "192.0.2.1", ""}, Case{"192.0.2.1:53", "192.0.2.1", ""},
                    Case{"192.0.2.1:5353", "192.0.2.1:5353", ""},
                    Case{"2001:DB8::1", "2001:db8::1", ""},
                    Case{"[2001:db8::1]", "2001:db8::1", ""},
                    Case{"[2001:db8::1]:5353", "[2001:db8::1]:5353", ""}, Case{"::", "::", ""},
                    Case{"192.0.2.1:0", "", kPort}, Case{"192.0.2.1:65536", "", kPort},
                    Case{"192.0.2.1:", "", kPort}, Case{"192.0.2.1:+5", "", kPort},
                    Case{"192.0.2.1:5 ", "", kPort}, Case{"", "", kAddress},
                    Case{"192.0.2", "", kAddress}, Case{"192.0.2.256", "", kAddress},
                    Case{"resolver.example", "", kAddress}, Case{"fe80::1%eth0", "", kAddress},
                    Case{" 192.0.2.1", "", kAddress},
                    Case{"[192.0.2.1]:53", "", "brackets are for IPv6"},
                    Case{"[2001:db8::1", "", "the bracket is not closed"},
                    Case{"[2001:db8::1]53", "", "a colon and a port follow the bracket"},
                    Case{std::string("192.0.2.1\0x", 11), "", kAddress},
                    Case{std::string(100000, ':'), "", kAddress}));

TEST(IpAddress, FamiliesAreDifferentAddresses) {
  EXPECT_EQ(IpAddress().text(), "0.0.0.0");
  EXPECT_NE(IpAddress(), *IpAddress::parse("::"));
  EXPECT_EQ(IpAddress::v4({192, 0, 2, 7}), *IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(IpAddress::v6({0x20, 0x01, 0x0d, 0xb8}).text(), "2001:db8::");
  EXPECT_FALSE(IpAddress::parse("[::1]"));
}

}  // namespace
}  // namespace mxswitch::probes
