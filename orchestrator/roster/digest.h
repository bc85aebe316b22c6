// One text for one roster: equal rosters have equal digests on every node, whatever their order.
#pragma once

#include <string>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

// SHA-256 in hex over names, targets, catch-all, delimiter and same_as; never over a password,
// nor whether it must be changed.
std::string roster_digest(const Roster& roster);

// What a node shows after it took the write (the digest filled in).
Roster roster_of(const RosterWrite& write);

}  // namespace mxswitch::orchestrator
