// What of a report a replay must arrive at again, and the row that keeps it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/propagation/report.h"

namespace mxswitch::monitor {

struct VerdictGist {
  std::string verdict;             // "hold", "ready", "unknown"
  std::vector<std::string> codes;  // of the reasons, each once, sorted
  std::optional<Time> strict_until;
  std::vector<std::string> waivers;
  bool operator==(const VerdictGist&) const = default;
};

VerdictGist gist_of(const PropagationReport& report);
// "HOLD (caches, not-sampled), bound 2026-11-22T12:00:00.000Z"
std::string gist_text(const VerdictGist& gist);

// The gist with the evidence it rests on: reasons with one text each, counts, the bound, K.
nlohmann::json verdict_json(const PropagationReport& report, const Policy& policy);
VerdictGist gist_from_json(const nlohmann::json& json);  // throws

}  // namespace mxswitch::monitor
