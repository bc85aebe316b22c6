// The options that `check`, `watch` and `doctor` share: who is asked, and from where the walk
// starts.
#pragma once

#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "probes/base/result.h"
#include "probes/dns/delegation.h"
#include "probes/dns/resolver_catalogue.h"

namespace CLI {
class App;
}

namespace mxswitch {

// As typed.
struct DnsFlags {
  std::string resolvers = "builtin";
  std::string root_hints;
  std::vector<std::string> authorities;
};

void add_dns_flags(CLI::App& verb, DnsFlags& flags);

// As used.
struct DnsSetup {
  std::vector<probes::Resolver> resolvers;
  std::vector<monitor::AuthorityAddress> authorities;  // fixed ones; empty: walk the delegation
  probes::DelegationOptions delegation;
};

// Fails with `usage`: file:line, or the flag's value, and what to write instead.
Result<DnsSetup> resolve_dns_flags(const DnsFlags& flags);

// The expected set and the owner as typed by a person.
struct Target {
  probes::DnsName owner;
  probes::MxSet expected;
};
Result<Target> parse_target(const std::string& domain, const std::string& expected_mx);

}  // namespace mxswitch
