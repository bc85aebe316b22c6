#include "monitor/watch/observations.h"

#include "monitor/history/rows.h"
#include "probes/base/json_text.h"

namespace mxswitch::monitor {
namespace {

// None without a row, or when what it holds is no JSON.
std::optional<nlohmann::json> json_of(const std::vector<Row>& rows) {
  if (rows.empty()) return std::nullopt;
  auto json = nlohmann::json::parse(rows[0].text(0), nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace

std::vector<Migration> observation_migrations() {
  std::vector<Migration> all = {
      {"observations", 1,
       "CREATE TABLE transitions (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT "
       "NULL, kind TEXT NOT NULL, server TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT "
       "NULL);\n"
       "CREATE INDEX transitions_owner ON transitions (owner, id);\n"
       "CREATE TABLE watch_state (owner TEXT PRIMARY KEY, state TEXT NOT NULL);\n"},
      {"observations", 2,
       "CREATE TABLE watch_heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), clock TEXT NOT "
       "NULL);\n"},
      {"observations", 3, "DROP TABLE transitions;\n"}};
  for (Migration& migration : history_migrations()) all.push_back(std::move(migration));
  return all;
}

void write_saved_state(Transaction& transaction, const std::string& owner,
                       const nlohmann::json& state) {
  transaction.execute(
      "INSERT INTO watch_state (owner, state) VALUES (?, ?) "
      "ON CONFLICT (owner) DO UPDATE SET state = excluded.state",
      {owner, json_text(state)});
}

std::optional<nlohmann::json> read_saved_state(Transaction& transaction, const std::string& owner) {
  return json_of(transaction.query("SELECT state FROM watch_state WHERE owner = ?", {owner}));
}

void delete_saved_state(Transaction& transaction, const std::string& owner) {
  transaction.execute("DELETE FROM watch_state WHERE owner = ?", {owner});
}

void write_heartbeat(Transaction& transaction, const nlohmann::json& clock) {
  transaction.execute(
      "INSERT INTO watch_heartbeat (id, clock) VALUES (1, ?) "
      "ON CONFLICT (id) DO UPDATE SET clock = excluded.clock",
      {json_text(clock)});
}

std::optional<nlohmann::json> read_heartbeat(Transaction& transaction) {
  return json_of(transaction.query("SELECT clock FROM watch_heartbeat"));
}

}  // namespace mxswitch::monitor
