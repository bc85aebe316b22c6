#include <fmt/format.h>

#include "orchestrator/machine/stepping.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {

tl::expected<Step, Refusal> advance(const MachineState& state, const Event& event, Time now) {
  if (event.index() < kCommandKinds) return stepping::on_command(state, event, now);
  return stepping::on_observation(state, event, now);
}

std::int64_t generation_of_next_plan(const MachineState& state) {
  return state.generation + (state.state == State::aborted ? 1 : 0);
}

std::string to_text(const Freeze& freeze, Time now) {
  if (freeze.reason.empty()) return "frozen";
  return fmt::format("frozen since {}{} by {}: {}", freeze.by_rollback ? "the rollback of " : "",
                     format_moment(freeze.since, now), freeze.author, freeze.reason);
}

std::string unfreeze_command(const std::string& domain) {
  return fmt::format("mxswitch unfreeze {} --reason \"...\"", domain);
}

}  // namespace mxswitch::orchestrator
