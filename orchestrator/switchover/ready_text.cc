#include "orchestrator/switchover/ready_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orchestrator/machine/telling.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::PropagationReport;

bool drain_is_proved(const std::vector<GateResult>& gates) {
  return std::ranges::any_of(gates, [](const GateResult& gate) {
    return gate.id == "propagation" && gate.verdict == GateVerdict::pass;
  });
}

std::string overridden(const std::vector<GateResult>& gates) {
  std::vector<std::string> ids;
  for (const GateResult& gate : gates) {
    if (gate.overridden) ids.push_back(gate.id);
  }
  return fmt::format("{}", fmt::join(ids, ", "));
}

std::string bound_text(const PropagationReport& report) {
  const auto last = std::ranges::max_element(
      report.obligations, {},
      [](const monitor::Obligation& o) { return o.until.value_or(Time{}); });
  return fmt::format("Bound: passed {}{}.\n", telling::dated(*report.strict_until),
                     last == report.obligations.end() ? "" : "; " + last->evidence);
}

std::string sample_text(const PropagationReport& report) {
  std::string text =
      fmt::format("Sampled: {} resolvers of {} operators, {} warm and {} cold caches, {} stale.\n",
                  report.counted, report.operators, report.warm, report.cold, report.stale);
  if (report.stale_share_upper) {
    text += fmt::format(
        "At most {:.1f} % of caches like these are stale (95 %); a sample near "
        "this place, never all.\n",
        *report.stale_share_upper * 100);
  } else {
    text +=
        "No cache that was sampled could have held the old record; the drain bound alone "
        "carries this verdict.\n";
  }
  for (const std::string& waiver : report.waivers) text += waiver + "\n";
  return text;
}

}  // namespace

ReadyText ready_text(const std::string& domain, const std::vector<ReportPtr>& reports,
                     const std::vector<GateResult>& gates) {
  ReadyText text;
  std::string proved = "every gate is open";
  if (!reports.empty() && drain_is_proved(gates) && reports.front()->strict_until) {
    const PropagationReport& report = *reports.front();
    proved = fmt::format("old MX gone from all {} resolvers sampled{}, bound passed {}",
                         report.counted, report.waivers.empty() ? "" : " but those waived",
                         telling::dated(*report.strict_until));
    text.body = bound_text(report) + sample_text(report);
  }
  const std::string by_override = overridden(gates);
  if (!by_override.empty()) {
    proved += fmt::format(" (overridden: {})", by_override);
    text.body += fmt::format("Overridden by hand, not proved: {}.\n", by_override);
  }
  text.line = fmt::format("READY {}: {}; next: mxswitch switch {}", domain, proved, domain);
  text.body += fmt::format(
      "If nobody acts: the drain stays done, mail goes on to the old server through the relay, the "
      "watch goes on, and you are told if a gate closes. To act: mxswitch switch {}",
      domain);
  return text;
}

std::string drain_text(const PropagationReport& report) {
  if (!report.strict_until) return {};
  return fmt::format("Caches may hold the old MX until {}, as far as is known now.\n",
                     telling::dated(*report.strict_until));
}

}  // namespace mxswitch::orchestrator
