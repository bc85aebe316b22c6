// What the verdict on one owner takes for granted (PROPAGATION.md, "shown as an assumption"):
// settings that are a judgement, declarations of the plan, and what nobody could see.
#pragma once

#include <vector>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

std::vector<Assumption> assumptions_of(const Reading& reading);

}  // namespace mxswitch::monitor
