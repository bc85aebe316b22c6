// Which waivers of resolvers outlive a change of the plan.
#pragma once

#include <vector>

#include "orchestrator/switchover/journal.h"
#include "orchestrator/switchover/plan_view.h"

namespace mxswitch::orchestrator {

// Given for what a resolver held of one expected set; another set is judged anew.
std::vector<WaiverKey> ended_waivers(const std::vector<Waiver>& waivers, const PlanView& before,
                                     const PlanView& after);

}  // namespace mxswitch::orchestrator
