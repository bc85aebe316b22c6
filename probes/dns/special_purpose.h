// Addresses at which no server of the Internet can be: a delegation that leads there sends who
// follows it to itself, to its own network or to nobody.
#pragma once

#include <string_view>

#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

// What the address is for, "loopback" or "private", when the IANA special-purpose registries (RFC
// 6890) call it not globally reachable; empty: it may be a server's. Networks for documentation are
// not told apart: nobody is there, and labs are built of them.
std::string_view special_purpose(const IpAddress& address);

}  // namespace mxswitch::probes
