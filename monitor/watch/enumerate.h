// Who serves what belongs to an owner's change: walks to the owner's zone, along its CNAMEs to the
// zone where its MX stands, and to the zones of the expected exchanges (PROPAGATION.md section 1).
#pragma once

#include <asio/awaitable.hpp>
#include <string>

#include "monitor/watch/watched.h"
#include "probes/dns/delegation.h"

namespace mxswitch::monitor {

struct EnumerateRequest {
  DnsName owner;
  MxSet expected;
  probes::DelegationOptions delegation;
  std::string random_label;  // a name that nobody made, to find a wildcard; empty: not looked for
};

// Never fails: a result without endpoints says why. Exchanges that can't be found are companions
// with a fault.
asio::awaitable<WalkResult> enumerate(probes::Transport& transport, EnumerateRequest request);

}  // namespace mxswitch::monitor
