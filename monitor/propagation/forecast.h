// When READY is to be expected (PROPAGATION.md sections 2 and 3): the drain bound, the known
// expiries of caches that still hold another set, the samples that are to be taken after them,
// the settle time. Also what the time is made of, and what would move it. Pure.
#pragma once

#include <vector>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

// `report` holds the conditions and the bound already. Blank when the verdict is READY.
Forecast forecast_of(const Reading& reading, const std::vector<ResolverStanding>& standings,
                     const PropagationReport& report);

}  // namespace mxswitch::monitor
