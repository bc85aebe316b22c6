#include "orchestrator/gates/found.h"

#include <algorithm>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {

using monitor::Condition;
using monitor::Holds;
using monitor::PropagationReport;
using monitor::Reason;

void Found::add(const PropagationReport& report, const char* name, const Condition& condition) {
  if (condition.holds == Holds::yes) return;
  closed_ = true;
  for (const Reason& reason : condition.reasons) {
    note(reason, asked_by(reason, condition, report, policy_));
    // While the drain has not begun each time is an estimate that moves with the clock.
    if (report.strict_until) later(reason.until);
    nlohmann::json entry = {{"owner", report.owner.text()},
                            {"condition", name},
                            {"code", reason.code},
                            {"text", reason.text}};
    if (reason.until) entry["until"] = format_time(*reason.until);
    evidence_.push_back(std::move(entry));
  }
}

void Found::add_settle(const PropagationReport& report, Time now) {
  later(report.ready_from);
  if (closed_ || !report.ready_from || now >= *report.ready_from) return;
  closed_ = true;
  note({"settle", "settling until " + format_moment(*report.ready_from, now), report.ready_from},
       {GateVerdict::waits, Turn::time});
}

std::vector<Reason> Found::reasons() const {
  std::vector<Reason> all;
  for (const auto& [reason, asked] : reasons_) all.push_back(reason);
  return all;
}

std::optional<Time> Found::earliest() const {
  return closed_ && asked().turn == Turn::time ? earliest_ : std::nullopt;
}

void Found::note(const Reason& reason, Asked asked) {
  const auto after = std::ranges::find_if(
      reasons_, [&](const auto& known) { return is_worse(asked, known.second); });
  reasons_.insert(after, {reason, asked});
}

void Found::later(const std::optional<Time>& t) {
  if (t && (!earliest_ || *t > *earliest_)) earliest_ = t;
}

}  // namespace mxswitch::orchestrator
