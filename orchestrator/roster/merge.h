// Loading again adds and changes: what the files name goes on top of what the nodes have. The
// whole roster of the result is what every node gets, so that they end equal. Pure.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

// What a write means beside what the nodes have now; names in order, each once.
struct RosterEffect {
  std::vector<std::string> extra_accounts, extra_aliases;  // some node has them, the files do not
  // Those that start with the domain's default password somewhere: new at a node, or reset.
  std::vector<std::string> on_default_password;
};

RosterEffect effect_of(const RosterWrite& given, const std::vector<Roster>& found);

// `given`, and every account, alias and catch-all of a node that it does not name. Such an account
// is written without a hash: at a node that has it the password stays as it is. Where nodes tell
// different targets for one alias, the first node's word stands. An alias whose name is an account
// in `given` goes, unless the node has both (an alias beside an account keeps a copy).
RosterWrite merged(RosterWrite given, const std::vector<Roster>& found);

}  // namespace mxswitch::orchestrator
