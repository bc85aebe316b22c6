// One look, no history: asks every authority and every resolver once, all at the same time.
// What `mxswitch check` shows; the drain is not judged.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/watch/watch.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

struct LookRequest {
  DnsName owner;
  std::vector<probes::Resolver> resolvers;
  std::vector<AuthorityAddress> fixed_authorities;  // set: no delegation is walked
  probes::DelegationOptions delegation;
  Duration deadline = seconds(6);
  // Told after each answer: how many of how many came. May be empty.
  std::function<void(int done, int all)> progress;
};

struct LookResult {
  std::vector<AuthorityAddress> endpoints;
  std::vector<std::string> warnings;
  WalkLimits limits;         // families without a route here, name servers that were left out
  bool signed_zone = false;  // the parent publishes DS
  std::vector<AuthoritySample> authorities;
  std::vector<ResolverSample> resolvers;
  std::vector<ControlSample> controls;     // of the resolvers that answered
  std::vector<IdentitySample> identities;  // of those that answered without an NSID
  bool intercepted = false;                // somebody on the way answers in place of all of them
};

// Fails as find_delegation does: not_found for a domain that does not exist.
asio::awaitable<Result<LookResult>> look(probes::Transport& transport, LookRequest request);

// Of a delegation: each address of each server, and what a reader should know of it.
std::vector<AuthorityAddress> addresses_of(const probes::Delegation& delegation);
std::vector<std::string> warnings_of(const probes::Delegation& delegation);

}  // namespace mxswitch::monitor
