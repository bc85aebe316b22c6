// What a plan may declare of a change, as options of the verbs that need no plan: the old set and
// its TTL, when the change was made, servers that left, and every key of [policy]. They are read by
// the reader of plans, so that both take the same words and refuse the same mistakes.
#pragma once

#include <string>
#include <vector>

#include "deploy/mxswitch/dns_options.h"
#include "monitor/propagation/propagation.h"

namespace CLI {
class App;
}

namespace mxswitch {

struct DeclaredFlags {
  std::string old_mx, old_ttl, changed_at;
  std::vector<std::string> ignore;  // SERVER=REASON
  std::vector<std::string> policy;  // KEY=VALUE

  // Something of when caches let go.
  bool times() const { return !old_ttl.empty() || !changed_at.empty() || !policy.empty(); }
};

void add_declared_flags(CLI::App& verb, DeclaredFlags& flags);

// What is watched, as far as target, servers and these options say it. Errors of `usage` name the
// option.
Result<monitor::PropagationInput> declared_input(const Target& target, const DnsSetup& setup,
                                                 const DeclaredFlags& flags);

}  // namespace mxswitch
