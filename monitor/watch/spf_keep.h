// SPF evidence that outlives the process: what every server said and what came of it, as JSON
// beside the state of the propagation. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/propagation/spf_matrix.h"
#include "monitor/watch/txt_schedule.h"

namespace mxswitch::monitor {

struct SpfKept {
  // All that were asked. One whose sample is not kept is to be asked again before anything is said
  // of the whole.
  std::vector<TxtServer> authorities;
  bool resolvers = false;  // they were asked too
  std::vector<TxtSample> samples;
  std::vector<SpfEvaluation> evaluations;
};

// Bounded: equal texts and results stand once, of an answer only its SPF records, no traces; what
// is longer than records are, or no ASCII, is left out and asked for anew.
nlohmann::json spf_to_json(const SpfKept& kept);

// From a saved state of an owner (Watched::state). What is older than the policy's validity is
// dropped; a resolver's copy ages from its expiry. A form that is not ours restores nothing, nor
// does a pause of which nobody knows how long it was.
SpfKept spf_from_state(const nlohmann::json& state, const PropagationInput& input,
                       const ClockReading& clock);

}  // namespace mxswitch::monitor
