// Do the aliases lead somewhere? Checks whole rosters before one of them is taken. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

inline constexpr std::size_t kExpansionLimit = 1000;
inline constexpr std::size_t kErrorsShown = 20;

struct RosterFault {
  std::string domain;
  std::string name;  // the alias ("@" for the catch-all) or account it stands at
  std::string what;  // "target \"marry\" is neither an account nor an alias"
  std::string mend;
};

// Faults of a set of names alone and of the graph: bad names, duplicates, an alias that hides an
// account, unknown local targets, loops, expansions over 1,000. Empty: the roster may be used.
// At most kErrorsShown are returned.
std::vector<RosterFault> check_roster(const std::string& domain, const Roster& roster);

// Loops and expansions over all domains of one relay: an outside address at one of these domains
// is followed into its roster, through `same_as` and catch-alls too.
std::vector<RosterFault> check_rosters(const std::map<std::string, Roster>& by_domain);

}  // namespace mxswitch::orchestrator
