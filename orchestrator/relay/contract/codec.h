// Shared by the codec's files alone: the words of the enumerations read back, and how optional
// values and times are written.
#pragma once

#include <optional>
#include <string_view>

#include "orchestrator/relay/contract/contract.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {

std::optional<UnknownNames> unknown_names_from(std::string_view text);
std::optional<ProbeKind> probe_kind_from(std::string_view text);
std::optional<ProbeResult> probe_result_from(std::string_view text);

// With milliseconds: `route_seen_at` is compared with the moment of a write.
inline nlohmann::json time_or_null(const std::optional<Time>& time) {
  return time ? nlohmann::json(format_time_ms(*time)) : nlohmann::json();
}

inline nlohmann::json text_or_null(const std::optional<std::string>& text) {
  return text ? nlohmann::json(*text) : nlohmann::json();
}

}  // namespace mxswitch::orchestrator
