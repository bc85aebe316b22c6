#include "probes/dns/special_purpose.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

TEST(SpecialPurpose, NamesWhatNoServerOfTheInternetCanHave) {
  const std::pair<const char*, const char*> all[] = {
      {"0.0.0.0", "this network"},
      {"10.255.255.255", "private"},
      {"100.64.0.1", "shared by carriers"},
      {"100.127.255.255", "shared by carriers"},
      {"127.0.0.53", "loopback"},
      {"169.254.169.254", "link-local"},
      {"172.16.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.0.0.8", "protocol assignments"},
      {"192.168.1.1", "private"},
      {"198.19.0.1", "benchmarking"},
      {"224.0.0.251", "multicast"},
      {"255.255.255.255", "reserved"},
      {"::", "loopback"},
      {"::1", "loopback"},
      {"::ffff:10.0.0.1", "IPv4 in IPv6"},
      {"64:ff9b:1::1", "translation"},
      {"100::1", "discard-only"},
      {"5f00::1", "segment routing"},
      {"fc00::1", "private"},
      {"fdff::1", "private"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"ff02::fb", "multicast"},
  };
  for (const auto& [address, purpose] : all)
    EXPECT_EQ(special_purpose(*IpAddress::parse(address)), purpose) << address;
}

TEST(SpecialPurpose, LeavesTheirNeighboursAndDocumentationAlone) {
  for (const char* address :
       {"1.1.1.1",     "9.255.255.255",   "11.0.0.0",    "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.0",   "172.15.255.255",
        "172.32.0.0",  "192.0.1.0",       "192.0.2.1",   "198.17.255.255",
        "198.20.0.0",  "198.51.100.1",    "203.0.113.1", "223.255.255.255",
        "::2",         "64:ff9b::1",      "2001:db8::1", "2001:503:ba3e::2:30",
        "fbff::1",     "fe00::1"})
    EXPECT_EQ(special_purpose(*IpAddress::parse(address)), "") << address;
}

}  // namespace
}  // namespace mxswitch::probes
