// Who serves what belongs to an owner's change: walks to the owner's zone, along its CNAMEs to the
// zone where its MX stands, and to the zones of the expected exchanges (PROPAGATION.md section 1).
#pragma once

#include <asio/awaitable.hpp>
#include <string>

#include "monitor/watch/watched.h"
#include "probes/dns/delegation.h"
#include "probes/dns/walk_memory.h"

namespace mxswitch::monitor {

struct EnumerateRequest {
  DnsName owner;
  MxSet expected;
  probes::DelegationOptions delegation;
  std::vector<DnsName> formerly;  // name servers that left the delegation; see PropagationInput
  std::string random_label;  // a name that nobody made, to find a wildcard; empty: not looked for
  probes::WalkMemory* memory = nullptr;  // of the owner's walks; it must outlive the answer
};

// Never fails: a result without endpoints says why. Exchanges that can't be found are companions
// with a fault.
// All of it is one walk: what it met on the way to the owner it need not ask for again, and its
// bounds hold for the whole.
asio::awaitable<WalkResult> enumerate(probes::Transport& transport, EnumerateRequest request);

// The families of which this host has no route: neither to any of these endpoints and roots nor to
// the servers of the root.
WalkLimits unrouted_families(const std::vector<AuthorityAddress>& endpoints,
                             const probes::DelegationOptions& options);

}  // namespace mxswitch::monitor
