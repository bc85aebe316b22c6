// One look, no history: asks every authority, the exchanges and every resolver once, all at the
// same time. What `mxswitch check` shows; the drain is not judged.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "monitor/propagation/one_look.h"
#include "probes/dns/delegation.h"
#include "probes/dns/resolver_catalogue.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

struct LookRequest {
  DnsName owner;
  MxSet expected;
  std::vector<MxSet> old_sets;
  probes::ResolverList resolvers;
  // Set: no delegation is walked, and so no exchange looked at.
  std::vector<AuthorityAddress> fixed_authorities;
  probes::DelegationOptions delegation;
  Duration deadline = seconds(6);
  // Told after each answer: how many of how many came. May be empty.
  std::function<void(int done, int all)> progress;
};

// Fails with `not_found` for a domain that does not exist. Where no server is found for another
// reason, the resolvers are asked all the same and the reason stands in `fault`.
asio::awaitable<Result<LookSeen>> look(probes::Transport& transport, LookRequest request);

// Of a delegation: each address of each server, and what a reader should know of it.
std::vector<AuthorityAddress> addresses_of(const probes::Delegation& delegation);
std::vector<std::string> warnings_of(const probes::Delegation& delegation);

}  // namespace mxswitch::monitor
