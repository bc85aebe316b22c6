// Walks from the root to a zone and finds every authoritative server of an owner: the union of
// the parent's NS and the child's NS (PROPAGATION.md 2 A), each with all its addresses.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "probes/dns/transport.h"

namespace mxswitch::probes {

struct NameServer {
  DnsName name;
  // Of both families, also of one that this host has no route of, those that can be asked first;
  // empty: the name does not resolve.
  std::vector<Endpoint> endpoints;
  bool in_parent = false, in_child = false;
  // The bounds of the walk did not let its addresses be looked for: what it serves is not known.
  bool left_out = false;
  std::set<IpAddress> special;  // addresses that are not asked, see special_purpose.h
};

struct Delegation {
  DnsName zone;  // the apex that holds the owner
  std::vector<NameServer> servers;
  bool parent_child_differ = false;  // a warning: both are watched
  bool signed_zone = false;          // the parent publishes DS
  std::uint32_t parent_ns_ttl = 0, child_ns_ttl = 0, glue_ttl = 0;
  // Where the parent was asked (from glue); they speak for the DS.
  std::vector<NameServer> parent_servers;
  std::vector<std::string> notes;  // lame servers, refused, unreachable
};

struct DelegationOptions {
  std::vector<Endpoint> roots;
  Duration deadline = seconds(3);  // a query
  std::uint16_t port = 53;         // of every server found; another one in a lab on loopback
  // Special-purpose addresses are asked like others: in a lab. Where all roots have such, they are.
  bool allow_special = false;
  // Of this host: may a datagram leave for the address; is it its own? Empty: to all; to none.
  std::function<bool(const IpAddress&)> has_route, is_own;
  // False: the delegation is asked at one of the parent's servers, else at up to 4.
  bool compares_parents = true;
};

// For walks from this machine.
DelegationOptions from_this_host(std::vector<Endpoint> roots);

// The root servers compiled into the program (both families), or those of a hints file in
// master-file format. Fails with file:line.
std::vector<Endpoint> builtin_roots();
Result<std::vector<Endpoint>> load_root_hints(const std::string& path);

// Fails with `not_found` (the name does not exist at its parent, which is named) or
// `unavailable` (no server of a zone on the way answered). Bounded in depth and in queries.
asio::awaitable<Result<Delegation>> find_delegation(Transport& transport, DnsName owner,
                                                    DelegationOptions options);
// The same as a part of a longer walk, which must outlive the answer.
class Walk;
asio::awaitable<Result<Delegation>> find_delegation(Walk& walk, DnsName owner);

// Addresses of a host by the same walk; empty if it has none.
asio::awaitable<Result<std::vector<IpAddress>>> find_addresses(Transport& transport, DnsName host,
                                                               DelegationOptions options);

}  // namespace mxswitch::probes
