#include "orchestrator/machine/stepping.h"

namespace mxswitch::orchestrator {

tl::expected<Step, Refusal> advance(const MachineState& state, const Event& event, Time now) {
  if (event.index() < kCommandKinds) return stepping::on_command(state, event, now);
  return stepping::on_observation(state, event, now);
}

std::int64_t generation_of_next_plan(const MachineState& state) {
  return state.generation + (state.state == State::aborted ? 1 : 0);
}

}  // namespace mxswitch::orchestrator
