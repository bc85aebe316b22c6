// The states of a switchover (SWITCHOVER.md section 4).
#pragma once

#include <optional>
#include <string_view>

namespace mxswitch::orchestrator {

enum class State {
  draft,
  forwarding,
  propagating,
  ready,
  armed,
  switching,
  verifying,
  hosted,
  final_,
  rolling_back,
  held,
  aborted,
  blocked,
};
// From the plan in force to the accepted command: the relay shows the same in all of these.
bool waits_for_switch(State s);
std::string_view to_text(State s);  // "final" for final_
std::optional<State> state_from(std::string_view text);

}  // namespace mxswitch::orchestrator
