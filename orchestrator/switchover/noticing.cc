#include "orchestrator/switchover/noticing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "monitor/propagation/classify.h"
#include "orchestrator/machine/telling.h"
#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::AnswerClass;
using monitor::AuthorityReport;

constexpr std::size_t kNamesInLine = 5;

std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesInLine);
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  return fmt::format("{}{}", fmt::join(first, ", "),
                     shown < names.size() ? fmt::format(" and {} more", names.size() - shown) : "");
}

// Neither the old set nor the new one: a slip of the pen at the customer's, most often.
std::string wrong_answer(const AuthorityReport& authority) {
  if (authority.reach != AuthorityReport::Reach::answering) return {};
  const char* how = authority.last_class == AnswerClass::foreign  ? "neither the old nor the new"
                    : authority.last_class == AnswerClass::mixed  ? "old and new together"
                    : authority.last_class == AnswerClass::absent ? "no MX at all"
                                                                  : nullptr;
  if (how == nullptr) return {};
  return fmt::format("{} answers {} ({})", authority.server.text(),
                     monitor::set_text(authority.set), how);
}

Noticed mx_wrong(const MachineState& s, const Facts& facts) {
  std::vector<std::string> wrong;
  for (const ReportPtr& report : facts.reports) {
    for (const AuthorityReport& authority : report->authorities) {
      const std::string fault = wrong_answer(authority);
      if (!fault.empty()) wrong.push_back(fault);
    }
  }
  Noticed n{"mx-wrong", {}, {}, !wrong.empty() && waits_for_switch(s.state)};
  if (!n.lasts) return n;
  n.line = fmt::format("{}: the MX was changed wrongly: {}", s.domain, some_of(wrong));
  n.body = fmt::format(
      "Expected: {}.\nIf nobody acts: mail may go where nobody reads it, and there is no READY. "
      "Whoever keeps the zone corrects the records.",
      monitor::set_text(facts.reports.front()->expected));
  return n;
}

Noticed stalled(const MachineState& s, const Facts& facts, const std::vector<GateResult>& gates,
                Time now) {
  Noticed n{"stalled", {}, {}, false};
  if (s.state != State::propagating || s.frozen || facts.reports.empty()) return n;
  const std::optional<Time> bound = facts.reports.front()->strict_until;
  const auto closed = std::ranges::find_if(gates, [](const GateResult& gate) {
    return !gate.open() && (gate.id == "authority" || gate.id == "propagation");
  });
  n.lasts = bound && now - *bound >= kStalledAfter && closed != gates.end();
  if (!n.lasts) return n;
  n.line = fmt::format("{}: not READY although the bound passed {}: {}", s.domain,
                       telling::dated(*bound), closed->why);
  n.body = fmt::format(
      "If nobody acts: it waits on, and mail goes to the old server through the relay. "
      "mxswitch status {} --explain shows what holds it.",
      s.domain);
  return n;
}

Noticed unknown_recipients(const MachineState& s, const Facts& facts) {
  const std::vector<std::string>& names = facts.roster.uncovered;
  Noticed n{"unknown-recipients", {}, {}, !names.empty() && waits_for_switch(s.state)};
  if (!n.lasts) return n;
  n.line = fmt::format(
      "{}: {} recipient{} that the old server takes {} neither account nor alias: {}", s.domain,
      names.size(), names.size() == 1 ? "" : "s", names.size() == 1 ? "is" : "are", some_of(names));
  n.body = fmt::format(
      "If nobody acts: there is no READY. Add them to the files and run mxswitch roster load {}, "
      "or "
      "name them in [roster] ignore.",
      s.domain);
  return n;
}

}  // namespace

std::vector<Noticed> noticed(const MachineState& state, const Facts& facts,
                             const std::vector<GateResult>& gates, Time now) {
  return {mx_wrong(state, facts), stalled(state, facts, gates, now),
          unknown_recipients(state, facts)};
}

// Most of the time nothing is news, and then no step is made of it.
asio::awaitable<void> Switchover::notice() {
  const std::vector<Noticed> all = noticed(kept_.machine, facts_, *gates_, parts_.clock.now());
  for (const Noticed& one : all) {
    if (kept_.machine.told.contains(one.kind) == one.lasts) continue;
    const Event event = one;
    co_await observe(event);
  }
}

}  // namespace mxswitch::orchestrator
