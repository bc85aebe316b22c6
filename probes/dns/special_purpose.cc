#include "probes/dns/special_purpose.h"

#include <array>
#include <cstdint>
#include <span>

namespace mxswitch::probes {
namespace {

struct Network {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  std::string_view purpose;
};

// In the order of the registries.
constexpr Network kV4[] = {
    {{0}, 8, "this network"},
    {{10}, 8, "private"},
    {{100, 64}, 10, "shared by carriers"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private"},
    {{192, 0, 0}, 24, "protocol assignments"},
    {{192, 168}, 16, "private"},
    {{198, 18}, 15, "benchmarking"},
    {{224}, 4, "multicast"},
    {{240}, 4, "reserved"},
};
constexpr Network kV6[] = {
    {{}, 127, "loopback"},  // and the unspecified address
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "IPv4 in IPv6"},
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "translation"},
    {{1}, 64, "discard-only"},
    {{0x5f, 0}, 16, "segment routing"},
    {{0xfc}, 7, "private"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "site-local"},
    {{0xff}, 8, "multicast"},
};

bool lies_in(const std::array<std::uint8_t, 16>& address, const Network& network) {
  const unsigned whole = network.bits / 8, rest = network.bits % 8;
  for (unsigned i = 0; i < whole; ++i)
    if (address[i] != network.prefix[i]) return false;
  if (rest == 0) return true;
  const unsigned mask = 0xff00u >> rest & 0xff;
  return (address[whole] & mask) == (network.prefix[whole] & mask);
}

}  // namespace

std::string_view special_purpose(const IpAddress& address) {
  const std::span<const Network> networks =
      address.is_v6() ? std::span<const Network>(kV6) : std::span<const Network>(kV4);
  for (const Network& network : networks)
    if (lies_in(address.bytes(), network)) return network.purpose;
  return {};
}

}  // namespace mxswitch::probes
