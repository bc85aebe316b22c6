// The rows of all owners in the database. Called on its thread, inside a transaction.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "monitor/history/row.h"

namespace mxswitch::monitor {

std::vector<Migration> history_migrations();

// Rows that are there already (runs that went on) are replaced. `head`: History::head.
void write_history(Transaction& transaction, const std::string& owner,
                   const std::vector<ObservationRow>& rows, const nlohmann::json& head);

struct KeptHistory {
  nlohmann::json head;
  std::vector<ObservationRow> open;
};
// None for an owner that was never watched. Throws StepRefused when what is kept can't be read.
std::optional<KeptHistory> read_history(Transaction& transaction, const std::string& owner);
std::optional<nlohmann::json> read_head(Transaction& transaction, const std::string& owner);

// By seq, those after `after` that were still seen at `since` or later.
std::vector<ObservationRow> read_rows(Transaction& transaction, const std::string& owner,
                                      std::uint64_t after, Time since, int limit);
// The newest event that holds an input; none before there is one.
std::optional<ObservationRow> read_newest_input(Transaction& transaction, const std::string& owner);
std::optional<nlohmann::json> read_resolvers(Transaction& transaction, const std::string& digest);

}  // namespace mxswitch::monitor
