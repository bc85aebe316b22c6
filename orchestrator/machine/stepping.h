// How the machine's files build a step. A state changes through `move` alone, so that no
// transition can lack its audit record and its alert.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "orchestrator/machine/machine.h"

namespace mxswitch::orchestrator::stepping {

using Advance = tl::expected<Step, Refusal>;

inline constexpr const char* kOurselves = "mxswitch";

// The stable word by which channels and flap damping know an alert.
inline std::string alert_kind(State from, State to) {
  if (to == State::ready) return "ready";
  if (from == State::ready && to == State::propagating) return "ready-lost";
  return std::string(to_text(to));
}

class Builder {
 public:
  Builder(const MachineState& state, Time now) : now_(now) { step_.state = state; }

  MachineState& state() { return step_.state; }
  const std::string& domain() const { return step_.state.domain; }

  // Where the transition's alert says more than the plain line, `line` gives it.
  Builder& move(State to, const std::string& who, const std::string& why,
                const std::string& evidence = {}, std::string line = {}) {
    const std::string what = fmt::format("{} -> {}", to_text(step_.state.state), to_text(to));
    const std::string kind = alert_kind(step_.state.state, to);
    step_.state.state = to;
    step_.state.since = now_;
    if (line.empty()) line = fmt::format("{}: {} ({})", domain(), what, why);
    audit(who, what, why, evidence);
    return alert(kind, std::move(line), why);
  }
  Builder& audit(std::string who, std::string what, std::string why, std::string evidence = {}) {
    step_.effects.push_back(
        AuditEffect{std::move(who), std::move(what), std::move(why), std::move(evidence)});
    return *this;
  }
  Builder& alert(std::string kind, std::string line, std::string body) {
    step_.effects.push_back(AlertEffect{std::move(kind), std::move(line), std::move(body)});
    return *this;
  }
  Builder& effect(Effect effect) {
    step_.effects.push_back(std::move(effect));
    return *this;
  }
  Builder& finish(const std::string& op_id, std::string status, int exit_code, std::string text) {
    if (op_id.empty()) return *this;
    return effect(FinishOperationEffect{op_id, std::move(status), exit_code, std::move(text)});
  }
  // Takes back a switch that waits; its operation ends with `text`.
  Builder& disarm(const std::string& text) {
    if (!step_.state.armed) return *this;
    finish(step_.state.armed->op_id, "refused", 3, text);
    step_.state.armed.reset();
    return *this;
  }
  Builder& begin_write(const std::string& op_id, const std::string& author,
                       const std::string& reason, Mode target, bool dry_run) {
    step_.state.writing = Writing{op_id, author, reason, target, 0, 0, false};
    return effect(BeginWriteEffect{op_id, reason, target, dry_run});
  }
  Step take() { return std::move(step_); }

 private:
  Time now_;
  Step step_;
};

inline tl::unexpected<Refusal> refuse(const MachineState& s, Fault fault, int exit_code,
                                      std::string what, std::string mend = {}) {
  return tl::unexpected<Refusal>(
      Refusal{Error{fault, std::move(what), s.domain, std::move(mend)}, exit_code});
}

Advance on_command(const MachineState& s, const Event& event, Time now);
Step on_observation(const MachineState& s, const Event& event, Time now);

}  // namespace mxswitch::orchestrator::stepping
