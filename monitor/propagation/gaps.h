// Times in which nobody watched: the process was killed or the machine slept. Inside
// monitor/propagation only.
#pragma once

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

// Shown in every report from then on, when it is long enough to matter. `accounted`: the clock
// vouches for its length.
void note_gap(PropagationState& state, Duration unwatched, Time until, bool accounted);
// The watcher looks again: later than it was to, because the machine slept or was overloaded?
// What had ended before keeps its clock: each poll that follows says what is served now.
void follow_gap(PropagationState& state, Time now);

// Our own way out was dead: no server answered over that family, nor did the root's.
void note_uplink_gap(PropagationState& state, const char* family, Duration silent, Time until);

}  // namespace mxswitch::monitor
