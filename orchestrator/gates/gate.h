// A gate: one condition of the switchover, judged from facts (SWITCHOVER.md section 3).
// Each gate is a pure function in a file of its own; facts.h holds what they are given.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

// Only `pass` and `not_asked` open. `waits`: nothing is wrong, it is time's or somebody's turn.
// `fail`: somebody has to mend something.
enum class GateVerdict { pass, waits, fail, unknown, stale, not_asked };
std::string_view to_text(GateVerdict v);

// Whose turn it is at a gate that is closed; `none` at an open one.
enum class Turn { none, operator_, approver, customer, time };
std::string_view to_text(Turn t);    // "operator", "customer", ...
std::string_view people_of(Turn t);  // "you", "an approver", "the customer", "time", "nobody"

struct GateResult {
  std::string id;  // "authority", "propagation", "spf", ...
  GateVerdict verdict = GateVerdict::unknown;
  Turn turn = Turn::none;
  std::string why;          // one sentence; never empty
  nlohmann::json evidence;  // what it rests on
  Time observed_at{};
  Duration valid_for = std::chrono::minutes(15);
  bool overridable = true;
  bool overridden = false;
  std::optional<Time> earliest;  // when it can open at the earliest, where that is known

  bool open() const {
    return overridden || verdict == GateVerdict::pass || verdict == GateVerdict::not_asked;
  }
};

}  // namespace mxswitch::orchestrator
