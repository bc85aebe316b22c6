#include "monitor/watch/observations.h"

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
  return {{"observations", 1,
           "CREATE TABLE transitions (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT "
           "NULL, kind TEXT NOT NULL, server TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT "
           "NULL);\n"
           "CREATE INDEX transitions_owner ON transitions (owner, id);\n"
           "CREATE TABLE watch_state (owner TEXT PRIMARY KEY, state TEXT NOT NULL);\n"},
          {"observations", 2,
           "CREATE TABLE watch_heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), clock TEXT NOT "
           "NULL);\n"}};
}

void write_transition(Transaction& transaction, const Transition& transition) {
  transaction.execute(
      "INSERT INTO transitions (owner, at, kind, server, before, after) VALUES (?, ?, ?, ?, ?, ?)",
      {transition.owner, transition.at.time_since_epoch().count(), transition.kind,
       transition.server, transition.before, transition.after});
}

std::vector<Transition> read_transitions(Transaction& transaction, const std::string& owner,
                                         int limit) {
  std::vector<Transition> transitions;
  for (const Row& row : transaction.query(
           "SELECT owner, at, kind, server, before, after FROM transitions WHERE owner = ? "
           "ORDER BY id DESC LIMIT ?",
           {owner, std::int64_t{limit}})) {
    transitions.push_back({row.text(0), Time(Duration(row.integer(1))), row.text(2), row.text(3),
                           row.text(4), row.text(5)});
  }
  return transitions;
}

void write_saved_state(Transaction& transaction, const std::string& owner,
                       const nlohmann::json& state) {
  transaction.execute(
      "INSERT INTO watch_state (owner, state) VALUES (?, ?) "
      "ON CONFLICT (owner) DO UPDATE SET state = excluded.state",
      {owner, state.dump()});
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
      {clock.dump()});
}

std::optional<nlohmann::json> read_heartbeat(Transaction& transaction) {
  return json_of(transaction.query("SELECT clock FROM watch_heartbeat"));
}

}  // namespace mxswitch::monitor
