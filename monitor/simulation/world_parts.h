// What the parts of World share.
#pragma once

#include "monitor/simulation/world.h"

namespace mxswitch::monitor::simulation {

inline constexpr Duration kTry = seconds(3);
inline constexpr Duration kSlowAnswer{2500};

inline bool answers(Reach reach) { return reach == Reach::answering || reach == Reach::slow; }

}  // namespace mxswitch::monitor::simulation
