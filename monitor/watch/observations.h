// What a restart of the watcher needs: the saved state of each owner's cores, and until when
// somebody watched. What was seen is kept by monitor/history.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

std::vector<Migration> observation_migrations();  // of monitor/history too

void write_saved_state(Transaction& transaction, const std::string& owner,
                       const nlohmann::json& state);
std::optional<nlohmann::json> read_saved_state(Transaction& transaction, const std::string& owner);
void delete_saved_state(Transaction& transaction, const std::string& owner);

// Until when somebody watched: a restart says how long nobody did. `clock` is clock_to_json's.
void write_heartbeat(Transaction& transaction, const nlohmann::json& clock);
std::optional<nlohmann::json> read_heartbeat(Transaction& transaction);

}  // namespace mxswitch::monitor
