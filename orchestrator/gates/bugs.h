// Gates that threw instead of judging: a bug of ours, told to people once each time it appears.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

// Those of `after` that did not throw in `before`.
std::vector<GateResult> new_bugs(const std::vector<GateResult>& before,
                                 const std::vector<GateResult>& after);

}  // namespace mxswitch::orchestrator
