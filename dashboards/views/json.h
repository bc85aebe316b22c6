// The machine-readable view: what the API, `--json` and the event stream give. Field names are
// fixed (DESIGN: Interfaces people meet); their schema stands in openapi.json and a test holds
// the two together. Durations end in _s or _ms, times in _at (RFC 3339, UTC).
#pragma once

#include <nlohmann/json.hpp>

#include "dashboards/views/words.h"
#include "monitor/propagation/one_look.h"

namespace mxswitch::dashboards {

nlohmann::json to_json(const Snapshot& snapshot);
// For `check` and `watch` without a plan: the same objects where the two share them.
nlohmann::json to_json(const PropagationReport& report);
nlohmann::json to_json(const GateResult& gate);
// Of `check`: "look", "facts", "reasons" (those that decide) and "not_looked_at".
nlohmann::json to_json(const monitor::OneLook& look);

// Every condition, obligation, cache and assumption with its evidence: `status --explain`.
nlohmann::json explanation_json(const PropagationReport& report);
nlohmann::json explanation_json(const Snapshot& snapshot);  // with its other owners

// Parts of the snapshot that have an address of their own.
nlohmann::json gates_json(const Snapshot& snapshot);
nlohmann::json history_json(const Snapshot& snapshot);
// One row of the list of all domains, and of the event stream's short form.
nlohmann::json summary_json(const Snapshot& snapshot);

// One line; octets of others that are no UTF-8 are replaced, never thrown at.
std::string json_line(const nlohmann::json& value);

}  // namespace mxswitch::dashboards
