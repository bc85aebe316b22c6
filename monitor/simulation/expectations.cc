#include "monitor/simulation/expectations.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::monitor::simulation {
namespace {

using What = Expectation::What;

bool has(const std::vector<std::string>& texts, const std::string& words) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(words) != std::string::npos;
  });
}

bool has(const std::vector<Reason>& reasons, const std::string& code, const std::string& words) {
  return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
    return reason.code == code && reason.text.find(words) != std::string::npos;
  });
}

}  // namespace

bool is_about_the_run(const Expectation& expectation) {
  return expectation.what == What::ready_between || expectation.what == What::never_ready ||
         expectation.what == What::at_most;
}

bool holds_in(const PropagationReport& report, const Expectation& e, Time zero) {
  switch (e.what) {
    case What::hold:
      return report.verdict == Verdict::hold;
    case What::ready:
      return report.ready();
    case What::unknown:
      return report.verdict == Verdict::unknown;
    case What::assumed:
      return report.drain_assumed;
    case What::warning:
      return has(report.warnings, e.words);
    case What::waiver:
      return has(report.waivers, e.words);
    case What::no_warning:
      return !has(report.warnings, e.words);
    case What::no_waiver:
      return !has(report.waivers, e.words);
    case What::assumption:
      return std::any_of(report.assumptions.begin(), report.assumptions.end(),
                         [&](const auto& a) { return a.text.find(e.words) != std::string::npos; });
    case What::reason:
      return has(report.reasons, e.code, e.words);
    case What::no_reason:
      return !has(report.reasons, e.code, "");
    case What::strict_between:
      return report.strict_until && *report.strict_until >= zero + e.from &&
             *report.strict_until <= zero + e.until;
    case What::ready_between:
    case What::never_ready:
    case What::waiver_refused:  // see Run: something must be tried
    case What::at_most:
      return true;
  }
  return false;
}

std::optional<std::string> unmet_by(std::optional<Duration> first_ready, const Expectation& e) {
  if (e.what == What::never_ready)
    return first_ready ? std::optional("READY at " + since_start(*first_ready)) : std::nullopt;
  if (e.what != What::ready_between) return std::nullopt;
  if (!first_ready) return "never READY";
  if (*first_ready >= e.from && *first_ready <= e.until) return std::nullopt;
  return "the first READY was at " + since_start(*first_ready);
}

std::string since_start(Duration d) {
  return fmt::format("{}.{:03}s", d.count() / 1000, d.count() % 1000);
}

std::string shown(const PropagationReport& report, Time zero) {
  std::string text(to_text(report.verdict));
  if (report.strict_until)
    text += fmt::format(", strict at {}", since_start(*report.strict_until - zero));
  for (const auto& reason : report.reasons)
    text += fmt::format("\n    {}: {}", reason.code, reason.text);
  for (const auto& warning : report.warnings) text += "\n    warning: " + warning;
  for (const auto& waiver : report.waivers) text += "\n    waiver: " + waiver;
  for (const auto& assumption : report.assumptions) text += "\n    assumed: " + assumption.text;
  return text;
}

}  // namespace mxswitch::monitor::simulation
