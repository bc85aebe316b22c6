// What the watcher keeps: the saved state of each owner's cores, and a row for every change of
// what a server answers (never a row a probe: 100,000 domains must not write that much).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

std::vector<Migration> observation_migrations();

struct Transition {
  std::string owner;
  Time at{};
  std::string kind;           // "authority", "resolver", "endpoints"
  std::string server;         // "ns2.shop.example 198.51.100.12", "8.8.8.8"
  std::string before, after;  // what it answered: a set, or an outcome; empty before the first
};

void write_transition(Transaction& transaction, const Transition& transition);
// Newest first.
std::vector<Transition> read_transitions(Transaction& transaction, const std::string& owner,
                                         int limit);

void write_saved_state(Transaction& transaction, const std::string& owner,
                       const nlohmann::json& state);
std::optional<nlohmann::json> read_saved_state(Transaction& transaction, const std::string& owner);
void delete_saved_state(Transaction& transaction, const std::string& owner);

// Until when somebody watched: a restart says how long nobody did. `clock` is clock_to_json's.
void write_heartbeat(Transaction& transaction, const nlohmann::json& clock);
std::optional<nlohmann::json> read_heartbeat(Transaction& transaction);

}  // namespace mxswitch::monitor
