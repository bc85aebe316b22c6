// A domain as one node gives it to another: its row, its names and the hashes of their passwords.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

nlohmann::json to_json(const DomainRecord& record);

// Not yet seen in use by any queue manager; versions begin at 1. Fails with `malformed`.
Result<DomainRecord> parse_record(std::string_view text);

}  // namespace mxswitch::orchestrator
