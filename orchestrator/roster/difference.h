// What the plan's files name and the relay lacks, and the other way round. The relay holds the
// truth: what it has more is listed, not a fault. Pure.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

struct RosterDifference {
  std::vector<std::string> missing_accounts, extra_accounts;
  std::vector<std::string> missing_aliases, extra_aliases;  // "@" is the catch-all
  std::vector<std::string> changed_aliases;                 // in both, with other targets

  bool nothing_missing() const {
    return missing_accounts.empty() && missing_aliases.empty() && changed_aliases.empty();
  }
};

// Names in order. Case and the order of targets do not matter.
RosterDifference difference(const Roster& wanted, const Roster& found);

}  // namespace mxswitch::orchestrator
