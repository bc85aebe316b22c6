// The state of one owner as JSON. Times are tagged, so that a restart can move all of them to
// its own timeline at once and none can be forgotten.
#pragma once

#include <nlohmann/json.hpp>

#include "monitor/propagation/state.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

nlohmann::json state_to_json(const PropagationState& state);
// Throws nlohmann::json::exception or std::runtime_error on what does not fit; `state` holds the
// input already.
void state_from_json(const nlohmann::json& saved, PropagationState& state);

// How the time since the save may be credited (section 2 B, Time).
struct Credit {
  Duration shift{0};      // from the saved timeline to this one
  bool accounted = true;  // false: the drain starts again
  Duration unwatched{0};  // between the save and now
};
nlohmann::json clock_to_json(const ClockReading& clock);
Credit credit_of(const nlohmann::json& saved, const ClockReading& clock);

// Moves every tagged time by `shift`.
void move_times(nlohmann::json& json, Duration shift);

}  // namespace mxswitch::monitor
