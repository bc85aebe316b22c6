// How the machine's files build a step. A state changes through `move` alone, so that no
// transition can lack its audit record. What people are told beside the history is said by `tell`.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "orchestrator/machine/machine.h"
#include "orchestrator/machine/telling.h"

namespace mxswitch::orchestrator::stepping {

using Advance = tl::expected<Step, Refusal>;

inline constexpr const char* kOurselves = "mxswitch";

class Builder {
 public:
  Builder(const MachineState& state, Time now) : now_(now) { step_.state = state; }

  MachineState& state() { return step_.state; }
  const std::string& domain() const { return step_.state.domain; }

  Builder& move(State to, const std::string& who, const std::string& why,
                const std::string& evidence = {}) {
    const std::string what = fmt::format("{} -> {}", to_text(step_.state.state), to_text(to));
    step_.state.state = to;
    step_.state.since = now_;
    return audit(who, what, why, evidence);
  }
  Builder& audit(std::string who, std::string what, std::string why, std::string evidence = {}) {
    step_.effects.push_back(
        AuditEffect{std::move(who), std::move(what), std::move(why), std::move(evidence)});
    return *this;
  }
  // `kind`: the stable word by which channels know it.
  Builder& tell(telling::Words words) {
    return effect(AlertEffect{
        std::move(words.kind), std::move(words.line), std::move(words.body), {}, Duration(0)});
  }
  Builder& withdraw(const std::string& op_id) {
    return op_id.empty() ? *this : effect(WithdrawAlertsEffect{op_id});
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
    step_.state.writing = Writing{op_id, author, reason, target, 0, 0, false, now_};
    // Told by its end alone when that comes soon.
    telling::Words words = telling::begun(step_.state, *step_.state.writing);
    effect(AlertEffect{std::move(words.kind), std::move(words.line), std::move(words.body), op_id,
                       kOneMessageWithin});
    return effect(BeginWriteEffect{op_id, reason, target, dry_run});
  }
  // The switch is done, and told once: its begin is withdrawn if it was not told yet.
  Builder& verified(const std::string& who, const std::string& why, const std::string& evidence,
                    const std::string& text) {
    // A state that was adopted had no write of ours.
    const Writing write =
        step_.state.writing.value_or(Writing{{}, who, why, Mode::hosted, 0, 0, false, Time{}});
    step_.state.writing.reset();
    withdraw(write.op_id).move(State::hosted, who, why, evidence);
    return tell(telling::switched(step_.state, write, evidence, now_))
        .finish(write.op_id, "done", 0, text);
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
