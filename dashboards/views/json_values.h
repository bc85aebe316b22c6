// Helpers of the JSON view alone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "dashboards/views/words.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {

inline nlohmann::json time_or_null(const std::optional<Time>& t) {
  return t ? nlohmann::json(format_time(*t)) : nlohmann::json();
}

// An unset time is the epoch in the structs that have no optional.
inline nlohmann::json time_or_null(Time t) {
  return t == Time{} ? nlohmann::json() : nlohmann::json(format_time(t));
}

nlohmann::json authority_json(const PropagationReport& report);
nlohmann::json drain_json(const PropagationReport& report);
nlohmann::json evidence_json(const PropagationReport& report);
nlohmann::json resolvers_json(const PropagationReport& report);
nlohmann::json conditions_json(const PropagationReport& report);
nlohmann::json eta_json(const PropagationReport& report);
nlohmann::json spf_matrix_json(const monitor::SpfMatrix& matrix);
nlohmann::json spf_text_json(const PropagationReport& report);  // null where none is watched
nlohmann::json reasons_json(const std::vector<monitor::Reason>& reasons);

}  // namespace mxswitch::dashboards
