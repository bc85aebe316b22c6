// What people are told of while it lasts, beside the machine's own steps: read from the facts that
// the gates are judged by.
#pragma once

#include <vector>

#include "orchestrator/gates/facts.h"
#include "orchestrator/gates/gate.h"
#include "orchestrator/machine/event.h"
#include "orchestrator/machine/machine.h"

namespace mxswitch::orchestrator {

// How long after the drain bound a gate of DNS may stay closed before it is called stalled.
inline constexpr Duration kStalledAfter = std::chrono::hours(1);

// One of each kind: the MX is wrong, it is stalled past its bound, recipients nobody has.
std::vector<Noticed> noticed(const MachineState& state, const Facts& facts,
                             const std::vector<GateResult>& gates, Time now);

}  // namespace mxswitch::orchestrator
