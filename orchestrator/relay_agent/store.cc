#include "orchestrator/relay_agent/store.h"

#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/columns.h"
#include "orchestrator/roster/digest.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::Row;
using monitor::Transaction;

DomainRecord to_record(const Row& row) {
  DomainRecord record;
  record.row.domain = row.text(0);
  record.row.mode = mode_from(row.text(1)).value_or(Mode::hold);
  record.row.unknown = row.text(2) == "defer" ? UnknownNames::defer : UnknownNames::reject;
  if (!row.is_null(3)) record.row.forward = row.text(3);
  record.row.hosted = row.text(4);
  record.row.generation = row.integer(5);
  record.version = row.integer(6);
  if (!row.is_null(7)) record.row.op_id = row.text(7);
  record.row.updated_at = column_time(row, 8);
  record.route_at = column_time(row, 9);
  record.soak_until = column_optional_time(row, 10);
  record.open = row.integer(11) != 0;
  record.row.in_force.route_seen_at = column_optional_time(row, 12);
  record.roster_version = row.integer(13);
  if (!row.is_null(14)) record.roster.catch_all = row.text(14);
  record.roster.delimiter =
      row.is_null(15) ? std::nullopt : std::optional<std::string>(row.text(15));
  if (!row.is_null(16)) record.roster.same_as = row.text(16);
  return record;
}

void load_names(Transaction& transaction, DomainRecord& record) {
  for (const Row& row : transaction.query("SELECT name, hash, must_change, initial_expires_at FROM"
                                          " relay_accounts WHERE domain = ? ORDER BY name",
                                          {record.row.domain})) {
    Credential credential{row.text(1), row.integer(2) != 0, column_optional_time(row, 3)};
    record.roster.accounts.push_back({row.text(0), credential.must_change});
    record.credentials.emplace(row.text(0), std::move(credential));
  }
  for (const Row& row :
       transaction.query("SELECT name, targets FROM relay_aliases WHERE domain = ? ORDER BY name",
                         {record.row.domain})) {
    record.roster.aliases.push_back(
        {row.text(0), nlohmann::json::parse(row.text(1)).get<std::vector<std::string>>()});
  }
  record.roster.digest = roster_digest(record.roster);
  record.row.roster_digest = record.roster.digest;
}

}  // namespace

std::vector<DomainRecord> load_domains(Transaction& transaction) {
  std::vector<DomainRecord> records;
  for (const Row& row : transaction.query(
           "SELECT domain, mode, unknown, forward, hosted, generation, version, op_id, updated_at,"
           " route_at, soak_until, open, route_seen_at, roster_version, catch_all,"
           " delimiter, same_as FROM relay_domains ORDER BY domain")) {
    records.push_back(to_record(row));
    load_names(transaction, records.back());
  }
  return records;
}

void save_domain(Transaction& transaction, const DomainRecord& record) {
  const auto& row = record.row;
  transaction.execute(
      "INSERT OR REPLACE INTO relay_domains (domain, mode, unknown, forward, hosted, generation,"
      " version, op_id, updated_at, route_at, soak_until, open, route_seen_at,"
      " roster_version, catch_all, delimiter, same_as)"
      " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      {row.domain, std::string(to_text(row.mode)), std::string(to_text(row.unknown)),
       column_value(row.forward), row.hosted, row.generation, record.version,
       column_value(row.op_id), column_value(row.updated_at), column_value(record.route_at),
       column_value(record.soak_until), std::int64_t{record.open},
       column_value(row.in_force.route_seen_at), record.roster_version,
       column_value(record.roster.catch_all), column_value(record.roster.delimiter),
       column_value(record.roster.same_as)});
}

void save_roster(Transaction& transaction, const DomainRecord& record) {
  const auto& domain = record.row.domain;
  transaction.execute("DELETE FROM relay_accounts WHERE domain = ?", {domain});
  transaction.execute("DELETE FROM relay_aliases WHERE domain = ?", {domain});
  for (const auto& [name, credential] : record.credentials) {
    transaction.execute(
        "INSERT INTO relay_accounts (domain, name, hash, must_change, initial_expires_at)"
        " VALUES (?,?,?,?,?)",
        {domain, name, credential.hash, std::int64_t{credential.must_change},
         column_value(credential.initial_expires_at)});
  }
  for (const Alias& alias : record.roster.aliases) {
    transaction.execute("INSERT INTO relay_aliases (domain, name, targets) VALUES (?,?,?)",
                        {domain, alias.name, json_text(nlohmann::json(alias.targets))});
  }
}

void erase_domain(Transaction& transaction, const std::string& domain) {
  for (const char* table : {"relay_domains", "relay_accounts", "relay_aliases", "relay_probes",
                            "relay_flow", "relay_recipients"}) {
    transaction.execute(std::string("DELETE FROM ") + table + " WHERE domain = ?", {domain});
  }
}

void save_seen(Transaction& transaction, const DomainRecord& record) {
  transaction.execute(
      "UPDATE relay_domains SET route_seen_at = ?, open = ? WHERE domain = ? AND generation = ?",
      {column_value(record.row.in_force.route_seen_at), std::int64_t{record.open},
       record.row.domain, record.row.generation});
}

bool is_whole(Transaction& transaction) {
  return !transaction.query("SELECT since FROM relay_whole").empty();
}

void mark_whole(Transaction& transaction, Time since) {
  transaction.execute("INSERT INTO relay_whole (since) VALUES (?)", {column_value(since)});
}

std::optional<KeptAnswer> find_answer(Transaction& transaction, const std::string& key) {
  const auto rows = transaction.query(
      "SELECT request, body_hash, status, etag, body FROM relay_answers WHERE key = ?", {key});
  if (rows.empty()) return std::nullopt;
  const Row& row = rows.front();
  return KeptAnswer{key,         row.text(0), row.text(1), static_cast<int>(row.integer(2)),
                    row.text(3), row.text(4)};
}

void keep_answer(Transaction& transaction, const KeptAnswer& answer, Time now) {
  transaction.execute(
      "INSERT OR REPLACE INTO relay_answers (key, request, body_hash, status, etag, body, kept_at)"
      " VALUES (?,?,?,?,?,?,?)",
      {answer.key, answer.request, answer.body_hash, std::int64_t{answer.status}, answer.etag,
       answer.body, column_value(now)});
}

void forget_answers(Transaction& transaction, Time before) {
  transaction.execute("DELETE FROM relay_answers WHERE kept_at < ?", {column_value(before)});
}

}  // namespace mxswitch::orchestrator
