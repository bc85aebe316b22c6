// The text that `plan init` writes: what was answered as settings, the rest as comments that a
// person can read and take out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

struct PlanAnswers {
  std::string domain;
  std::string new_mx;                 // "10 mx1.filter.example, 20 mx2.filter.example"
  std::optional<std::string> old_mx;  // as found in DNS
  std::optional<seconds> old_ttl;
  std::string relay;                   // name in mxswitch.toml
  std::optional<std::string> forward;  // next hop of the old server
  std::optional<std::string> hosted;
  std::string accounts, aliases;  // paths
  std::vector<std::string> contacts;
  bool behind = false;      // the MX was the relay's already: what was before is not to be found
  bool lab_policy = false;  // the column "in the lab" of the defaults, for a domain of short TTLs
};

// Parses again with parse_plan whenever the answers themselves are good.
std::string write_plan_template(const PlanAnswers& answers);

}  // namespace mxswitch::orchestrator
