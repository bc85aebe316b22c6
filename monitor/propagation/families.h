// An address family that is dead from here (PROPAGATION.md 2 A): this host has no route of it, or
// control names asked over it fail too, so silence over it says nothing of a server. Its endpoints
// are judged by the same server's other family, and that is shown as an assumption. Inside
// monitor/propagation only.
#pragma once

#include <vector>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

bool is_family_control(const PropagationInput& input, const Endpoint& endpoint);

// Marks the endpoints of families that died, and takes the mark from those that came back. True
// when one did. To be called whenever an endpoint or a control was heard, or not.
bool follow_families(PropagationState& state, Time now);

// The same where a walk found out about this host's routes.
bool mark_families(PropagationState& state, Time now);

// Control names of families over which an endpoint is silent.
void want_family_controls(const Reading& reading, std::vector<ProbeDue>& wanted);

}  // namespace mxswitch::monitor
