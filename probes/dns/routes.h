// What the routing table of this host says. No packet leaves for it.
#pragma once

#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

// Would a datagram to the address leave?
bool has_route(const IpAddress& address);
// Is it an address of one of this host's interfaces, and not loopback?
bool is_own_address(const IpAddress& address);
// A server of the root, so that a host with a way to the Internet has a route to it.
IpAddress far_address(bool v6);

}  // namespace mxswitch::probes
