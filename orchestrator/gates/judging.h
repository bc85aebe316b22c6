// Helpers that every gate's file uses to build its result.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "orchestrator/gates/gate.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator::judging {

inline constexpr Duration kTenMinutes = std::chrono::minutes(10);
inline constexpr Duration kQuarter = std::chrono::minutes(15);

// Where a gate does not say otherwise: what is not known is asked again, what is wrong is for the
// operator to look at.
inline Turn usual_turn(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass:
    case GateVerdict::not_asked:
      return Turn::none;
    case GateVerdict::waits:
    case GateVerdict::unknown:
    case GateVerdict::stale:
      return Turn::time;
    case GateVerdict::fail:
      return Turn::operator_;
  }
  return Turn::operator_;
}

inline GateResult make(std::string id, GateVerdict verdict, std::string why, Time observed_at,
                       Duration valid_for) {
  GateResult result;
  result.id = std::move(id);
  result.verdict = verdict;
  result.turn = usual_turn(verdict);
  result.why = std::move(why);
  result.observed_at = observed_at;
  result.valid_for = valid_for;
  result.evidence = nlohmann::json::object();
  return result;
}

inline bool never(Time observed_at) { return observed_at == Time{}; }

// What was judged from facts that are older than their validity is stale, whatever it was.
inline GateResult aged(GateResult result, Time now) {
  const bool judged = result.verdict == GateVerdict::pass || result.verdict == GateVerdict::waits ||
                      result.verdict == GateVerdict::fail;
  if (!judged || now - result.observed_at <= result.valid_for) return result;
  result.why = fmt::format("last observed {} ago, valid for {}; it was: {}",
                           format_duration(now - result.observed_at),
                           format_duration(result.valid_for), result.why);
  result.verdict = GateVerdict::stale;
  result.turn = usual_turn(result.verdict);
  return result;
}

// "a, b, c and 4 more": lists stay readable however long they are.
inline std::string some_of(const std::vector<std::string>& items, std::size_t most = 3) {
  if (items.size() <= most) return fmt::format("{}", fmt::join(items, ", "));
  const std::vector<std::string> first(items.begin(),
                                       items.begin() + static_cast<std::ptrdiff_t>(most));
  return fmt::format("{} and {} more", fmt::join(first, ", "), items.size() - most);
}

inline constexpr std::size_t kOneLine = 150;  // of a reason, so that it fits a terminal's line

// As many as fit one line, the first in any case, and how many more there are.
inline std::string one_line_of(const std::vector<std::string>& items) {
  std::string line;
  std::size_t taken = 0;
  for (const std::string& item : items) {
    if (taken > 0 && line.size() + item.size() + 2 > kOneLine) break;
    line += (taken++ == 0 ? "" : ", ") + item;
  }
  if (taken < items.size()) line += fmt::format(" and {} more", items.size() - taken);
  return line;
}

inline std::string_view plural(std::size_t n) { return n == 1 ? "" : "s"; }

}  // namespace mxswitch::orchestrator::judging
