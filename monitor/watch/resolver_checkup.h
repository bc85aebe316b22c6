// Asks each resolver what a watch wants to know of it before it relies on it: a few questions one
// after the other, then some at once. All resolvers side by side.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <vector>

#include "monitor/propagation/resolver_health.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

struct CheckupRequest {
  probes::ResolverList resolvers;
  // Names of others that tell something: one whose signatures are broken, which a validator answers
  // with SERVFAIL, and one that filters keep from their users. The root: not asked.
  probes::DnsName bogus_name, filtered_name;
  int burst = 8;  // questions at once; 0: none
  Duration deadline = seconds(6);
  std::function<void(int done, int all)> progress;  // resolvers; may be empty
};

// In the order of the list. Never fails.
asio::awaitable<std::vector<ResolverHealth>> check_up(probes::Transport& transport,
                                                      CheckupRequest request);

}  // namespace mxswitch::monitor
