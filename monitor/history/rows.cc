#include "monitor/history/rows.h"

#include <fmt/format.h>

#include "probes/base/json_text.h"

namespace mxswitch::monitor {
namespace {

constexpr const char* kColumns =
    "seq, kind, server, body, moments, count, largest_gap, first_at, last_at, open, mark, whole";

std::int64_t number(Time time) { return time.time_since_epoch().count(); }
std::int64_t number(std::uint64_t seq) { return static_cast<std::int64_t>(seq); }

// What cannot be read was written by nobody of ours.
template <class T>
T readable(Result<T> parsed, const std::string& owner) {
  if (parsed) return std::move(*parsed);
  throw StepRefused({Fault::malformed, parsed.error().what, "observations of " + owner,
                     "another program changed the database: restore it from a copy"});
}

Result<nlohmann::json> parse_json(const std::string& text) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Fault::malformed, "a row is no JSON");
  return json;
}

ObservationRow row_of(const Row& found, const std::string& owner) {
  ObservationRow row;
  row.seq = static_cast<std::uint64_t>(found.integer(0));
  row.kind = found.text(1);
  row.server = found.text(2);
  row.body = found.text(3);
  row.moments = readable(parse_moments(found.text(4)), owner);
  row.count = static_cast<std::uint64_t>(found.integer(5));
  row.largest_gap = Duration(found.integer(6));
  row.first_at = Time(Duration(found.integer(7)));
  row.last_at = Time(Duration(found.integer(8)));
  row.open = found.integer(9) != 0;
  row.mark = static_cast<Mark>(found.integer(10));
  row.whole = found.integer(11) != 0;
  return row;
}

std::vector<ObservationRow> select(Transaction& transaction, const std::string& owner,
                                   const std::string& condition, std::vector<Value> values) {
  values.insert(values.begin(), owner);
  std::vector<ObservationRow> rows;
  for (const Row& found : transaction.query(
           fmt::format("SELECT {} FROM observations WHERE owner = ? AND {}", kColumns, condition),
           values))
    rows.push_back(row_of(found, owner));
  return rows;
}

void write_row(Transaction& transaction, const std::string& owner, const ObservationRow& row) {
  if (row.kind == "resolvers") {
    transaction.execute("INSERT OR IGNORE INTO resolver_lists (digest, body) VALUES (?, ?)",
                        {row.server, row.body});
    return;
  }
  transaction.execute(
      fmt::format("INSERT OR REPLACE INTO observations (owner, {}) VALUES "
                  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  kColumns),
      {owner, number(row.seq), row.kind, row.server, row.body, moments_text(row.moments),
       number(row.count), std::int64_t{row.largest_gap.count()}, number(row.first_at),
       number(row.last_at), std::int64_t{row.open}, static_cast<std::int64_t>(row.mark),
       std::int64_t{row.whole}});
}

}  // namespace

std::vector<Migration> history_migrations() {
  return {{"history", 1,
           "CREATE TABLE observations (owner TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT "
           "NULL, server TEXT NOT NULL, body TEXT NOT NULL, moments TEXT NOT NULL, count INTEGER "
           "NOT NULL, largest_gap INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT "
           "NULL, open INTEGER NOT NULL, mark INTEGER NOT NULL, whole INTEGER NOT NULL, "
           "PRIMARY KEY (owner, seq)) WITHOUT ROWID;\n"
           "CREATE INDEX observations_mark ON observations (owner, seq) WHERE mark > 0;\n"
           "CREATE TABLE observation_heads (owner TEXT PRIMARY KEY, head TEXT NOT NULL) WITHOUT "
           "ROWID;\n"
           "CREATE TABLE resolver_lists (digest TEXT PRIMARY KEY, body TEXT NOT NULL);\n"},
          // The time from which READY may come has the word READY in its name since then.
          {"history", 2,
           "UPDATE observations SET body = replace(body, '\"eligible_from_at\":', "
           "'\"ready_from_at\":') WHERE kind = 'verdict';\n"
           "UPDATE observation_heads SET head = replace(head, '\"eligible_from_at\":', "
           "'\"ready_from_at\":');\n"}};
}

void write_history(Transaction& transaction, const std::string& owner,
                   const std::vector<ObservationRow>& rows, const nlohmann::json& head) {
  for (const ObservationRow& row : rows) write_row(transaction, owner, row);
  transaction.execute(
      "INSERT INTO observation_heads (owner, head) VALUES (?, ?) "
      "ON CONFLICT (owner) DO UPDATE SET head = excluded.head",
      {owner, json_text(head)});
}

std::optional<nlohmann::json> read_head(Transaction& transaction, const std::string& owner) {
  const auto found =
      transaction.query("SELECT head FROM observation_heads WHERE owner = ?", {owner});
  if (found.empty()) return std::nullopt;
  return readable(parse_json(found[0].text(0)), owner);
}

std::optional<KeptHistory> read_history(Transaction& transaction, const std::string& owner) {
  auto head = read_head(transaction, owner);
  if (!head) return std::nullopt;
  return KeptHistory{std::move(*head), select(transaction, owner, "open = 1 ORDER BY seq", {})};
}

std::vector<ObservationRow> read_rows(Transaction& transaction, const std::string& owner,
                                      std::uint64_t after, Time since, int limit) {
  return select(transaction, owner, "seq > ? AND last_at >= ? ORDER BY seq LIMIT ?",
                {number(after), number(since), std::int64_t{limit}});
}

std::optional<ObservationRow> read_newest_input(Transaction& transaction,
                                                const std::string& owner) {
  auto rows =
      select(transaction, owner, "mark > 0 AND kind <> 'left' ORDER BY seq DESC LIMIT 1", {});
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0]);
}

std::optional<nlohmann::json> read_resolvers(Transaction& transaction, const std::string& digest) {
  const auto found =
      transaction.query("SELECT body FROM resolver_lists WHERE digest = ?", {digest});
  if (found.empty()) return std::nullopt;
  return readable(parse_json(found[0].text(0)), digest);
}

}  // namespace mxswitch::monitor
