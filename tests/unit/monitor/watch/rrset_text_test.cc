#include "monitor/watch/rrset_text.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using probes::DnsName;
using probes::IpAddress;
using probes::Record;
using probes::RrType;

const DnsName kHost = *DnsName::parse("mx1.filter.example");

RrsetText text_of(RrType type, std::vector<Record> records) {
  probes::Answer answer;
  answer.answer = std::move(records);
  return rrset_text(answer, {kHost, type});
}

Record address(const char* text, std::uint32_t ttl) {
  return {kHost, RrType::a, ttl, *IpAddress::parse(text)};
}

TEST(RrsetText, IsTheSameInEveryOrder) {
  const auto one = text_of(RrType::a, {address("192.0.2.2", 60), address("192.0.2.1", 60)});
  EXPECT_EQ(one.data, "192.0.2.1, 192.0.2.2");
  EXPECT_EQ(one.ttl, 60u);
  EXPECT_FALSE(one.aliased);
}

TEST(RrsetText, LeavesOutOtherNamesAndTypes) {
  Record other = address("192.0.2.9", 60);
  other.owner = *DnsName::parse("elsewhere.example");
  const Record mx{kHost, RrType::mx, 60, probes::Mx{10, kHost}};
  EXPECT_EQ(text_of(RrType::a, {other, mx}).data, "");
}

TEST(RrsetText, SaysWhereAnAliasStandsInstead) {
  const Record link{kHost, RrType::cname, 300, *DnsName::parse("Pool.Host.example")};
  Record end = address("192.0.2.1", 60);
  end.owner = *DnsName::parse("pool.host.example");
  const auto found = text_of(RrType::a, {link, end});
  EXPECT_EQ(found.data, "CNAME pool.host.example");
  EXPECT_TRUE(found.aliased);
  EXPECT_EQ(text_of(RrType::cname, {link}).data, "pool.host.example");
  EXPECT_FALSE(text_of(RrType::cname, {link}).aliased);
}

// 60485 5 1 is the DS of the example of RFC 4034 section 5.4.
TEST(RrsetText, NamesKeysByTheirTag) {
  std::string key("\x01\x00\x03\x05", 4);
  for (const unsigned octet :
       {0x01U, 0x03U, 0x98U, 0x9bU, 0x4eU, 0x9cU, 0x67U, 0xd3U, 0xb1U, 0x4dU, 0x3cU, 0xd5U})
    key.push_back(static_cast<char>(octet));
  const Record one{kHost, RrType::dnskey, 3600, probes::RawData{key}};
  key.back() = 'x';
  const Record other{kHost, RrType::dnskey, 3600, probes::RawData{key}};
  const auto first = text_of(RrType::dnskey, {one}).data;
  EXPECT_TRUE(first.starts_with("key ")) << first;
  EXPECT_NE(first.find("flags 256 algorithm 5"), std::string::npos) << first;
  EXPECT_NE(first, text_of(RrType::dnskey, {other}).data);

  const Record ds{kHost, RrType::ds, 86400,
                  probes::RawData{std::string("\xec\x45\x05\x01\xab", 5)}};
  EXPECT_EQ(text_of(RrType::ds, {ds}).data, "60485 5 1 ab");
}

}  // namespace
}  // namespace mxswitch::monitor
