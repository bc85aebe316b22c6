// Networks as SPF writes them (RFC 7208 section 5.6 and dual-cidr-length of 5.3). Pure.
#pragma once

#include <string_view>

#include "probes/base/result.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes::spf {

struct Network {
  IpAddress address;
  unsigned prefix = 32;
};

// "192.0.2.0/24" or "2001:db8::/32"; without a prefix the whole address. No leading zeros.
Result<Network> parse_network(std::string_view text, bool v6);

// Cuts "/24", "//64" or "/24//64" off the end of `text`. A "/" that begins no prefix stays.
Result<void> take_dual_prefix(std::string_view& text, unsigned& v4, unsigned& v6);

// Do the first `prefix` bits agree? False for addresses of two families.
bool in_network(const IpAddress& ip, const IpAddress& network, unsigned prefix);

}  // namespace mxswitch::probes::spf
