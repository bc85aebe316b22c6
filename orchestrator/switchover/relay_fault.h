// Does a plan name a relay that stands in mxswitch.toml?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/switchover/plan_view.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

// None where the plan's relay is one of `names`, or is left out and there is one at most.
std::optional<Error> relay_fault(const PlanView& plan, const std::vector<std::string>& names);

}  // namespace mxswitch::orchestrator
