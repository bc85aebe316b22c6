#include "orchestrator/switchover/journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alerts/outbox.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::Row;
using monitor::StepRefused;
using monitor::Transaction;
using monitor::Value;

Value stamp(Time t) { return static_cast<std::int64_t>(t.time_since_epoch().count()); }
Time time_at(const Row& row, std::size_t column) { return Time(Duration(row.integer(column))); }

nlohmann::json json_at(const Row& row, std::size_t column, const std::string& domain) {
  auto json = nlohmann::json::parse(row.text(column), nullptr, false);
  if (json.is_discarded()) {
    throw StepRefused({Fault::malformed, "the journal can't be read", domain, "restore the store"});
  }
  return json;
}

template <class T>
T must(Result<T> result, const std::string& domain) {
  if (result) return std::move(*result);
  Error error = result.error();
  error.where = domain;
  throw StepRefused(std::move(error));
}

// The revision is the fencing token: of two daemons on one store the second step fails.
void write_machine(Transaction& tx, const JournalStep& step) {
  const std::string machine = json_text(to_json(step.state));
  if (step.revision == 0) {
    tx.execute(
        "INSERT INTO switchover (domain, revision, machine, plan_text, plan_name, wanted_roster) "
        "VALUES (?, 1, ?, ?, ?, 'null')",
        {step.state.domain, machine, step.plan_text.value_or(""), step.plan_name.value_or("")});
  } else if (tx.execute("UPDATE switchover SET revision = revision + 1, machine = ? "
                        "WHERE domain = ? AND revision = ?",
                        {machine, step.state.domain, step.revision}) != 1) {
    throw StepRefused({Fault::stale, "another process wrote to this switchover", step.state.domain,
                       "stop the other mxswitch serve on this store"});
  }
  if (step.plan_text) {
    tx.execute("UPDATE switchover SET plan_text = ?, plan_name = ? WHERE domain = ?",
               {*step.plan_text, step.plan_name.value_or(""), step.state.domain});
  }
  if (step.wanted_roster) {
    tx.execute("UPDATE switchover SET wanted_roster = ? WHERE domain = ?",
               {json_text(*step.wanted_roster), step.state.domain});
  }
}

void write_records(Transaction& tx, const JournalStep& step) {
  const std::string& domain = step.state.domain;
  for (const HistoryEntry& entry : step.audit) {
    tx.execute(
        "INSERT INTO audit (domain, at_ms, who, what, why, evidence) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        {domain, stamp(entry.at), entry.who, entry.what, entry.why, entry.evidence});
  }
  for (const std::string& op_id : step.withdrawn) monitor::withdraw_alerts(tx, domain, op_id);
  for (const AlertEffect& effect : step.alerts) {
    const monitor::Alert alert{domain, effect.kind, effect.line, effect.body, step.at};
    if (effect.held > Duration(0)) {
      monitor::hold_alert(tx, alert, step.targets, step.at + effect.held, effect.op_id);
    } else {
      monitor::enqueue_alert(tx, alert, step.targets);
    }
  }
  if (step.override_) {
    const Override& o = *step.override_;
    tx.execute(
        "INSERT INTO gate_override (domain, gate, digest, author, reason, at_ms, expires_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {domain, o.gate, o.digest, o.author, o.reason, stamp(o.at), stamp(o.expires_at)});
  }
  if (step.waiver) {
    const Waiver& w = *step.waiver;
    tx.execute(
        "INSERT OR REPLACE INTO waiver_of_owner (domain, owner, resolver, author, reason, at_ms, "
        "until_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {domain, w.owner, w.resolver, w.author, w.reason, stamp(w.at),
         w.until ? stamp(*w.until) : Value(nullptr)});
  }
  for (const WaiverKey& ended : step.unwaived) {
    tx.execute("DELETE FROM waiver_of_owner WHERE domain = ? AND owner = ? AND resolver = ?",
               {domain, ended.owner, ended.resolver});
  }
}

void write_intent(Transaction& tx, const JournalStep& step) {
  const std::string& domain = step.state.domain;
  if (step.close_intent) {
    tx.execute("UPDATE write_intent SET open = 0 WHERE domain = ? AND open = 1", {domain});
  }
  if (step.intent) {
    const std::string body = json_text(to_json(*step.intent));
    tx.execute("UPDATE write_intent SET open = 0 WHERE domain = ? AND open = 1 AND op_id <> ?",
               {domain, step.intent->op_id});
    tx.execute(
        "INSERT INTO write_intent (op_id, domain, body, open) VALUES (?, ?, ?, 1) "
        "ON CONFLICT (op_id) DO UPDATE SET body = excluded.body",
        {step.intent->op_id, domain, body});
  }
  std::vector<std::string> ops = step.known_ops;
  if (step.intent) ops.push_back(step.intent->op_id);
  for (const std::string& op : ops) {
    tx.execute("INSERT OR IGNORE INTO known_op (domain, op_id) VALUES (?, ?)", {domain, op});
  }
}

void finish_operations(Transaction& tx, const JournalStep& step) {
  for (const FinishOperationEffect& done : step.finished) {
    auto kept = find_operation(tx, done.op_id);
    if (!kept) continue;
    nlohmann::json detail = kept->operation.detail;
    detail["text"] = done.text;
    tx.execute("UPDATE operation SET status = ?, exit_code = ?, detail = ? WHERE id = ?",
               {done.status, std::int64_t{done.exit_code}, json_text(detail), done.op_id});
  }
}

Operation operation_of(const Row& row) {
  Operation op;
  op.id = row.text(0);
  op.domain = row.text(1);
  op.verb = row.text(2);
  op.status = row.text(3);
  op.exit_code = static_cast<int>(row.integer(4));
  op.detail = json_at(row, 5, op.domain);
  return op;
}

constexpr const char* kOperationColumns = "id, domain, verb, status, exit_code, detail, request";

std::optional<KeptOperation> first_operation(const std::vector<Row>& rows) {
  if (rows.empty()) return std::nullopt;
  return KeptOperation{operation_of(rows.front()), rows.front().text(6)};
}

void read_lists(Transaction& tx, const std::string& domain, JournalState& state) {
  for (const Row& row : tx.query("SELECT op_id FROM known_op WHERE domain = ?", {domain})) {
    state.known_ops.insert(row.text(0));
  }
  for (const Row& row :
       tx.query("SELECT gate, reason, author, digest, at_ms, expires_ms FROM gate_override "
                "WHERE domain = ? ORDER BY id",
                {domain})) {
    state.overrides.push_back(
        {row.text(0), row.text(1), row.text(2), row.text(3), time_at(row, 4), time_at(row, 5)});
  }
  for (const Row& row :
       tx.query("SELECT resolver, reason, author, at_ms, until_ms, owner FROM waiver_of_owner "
                "WHERE domain = ? ORDER BY owner, resolver",
                {domain})) {
    Waiver waiver{row.text(0),     row.text(1),  row.text(2),
                  time_at(row, 3), std::nullopt, row.text(5)};
    if (!row.is_null(4)) waiver.until = time_at(row, 4);
    state.waivers.push_back(std::move(waiver));
  }
  for (const Row& row : tx.query("SELECT at_ms, who, what, why, evidence FROM audit "
                                 "WHERE domain = ? ORDER BY id DESC LIMIT 200",
                                 {domain})) {
    state.history.push_back({time_at(row, 0), row.text(1), row.text(2), row.text(3), row.text(4)});
  }
  std::ranges::reverse(state.history);
}

}  // namespace

WaiverKey key_of(const Waiver& waiver) { return {waiver.owner, waiver.resolver}; }

std::vector<monitor::Migration> journal_migrations() {
  return {{"journal", 1, R"(
CREATE TABLE switchover (domain TEXT PRIMARY KEY, revision INTEGER NOT NULL, machine TEXT NOT NULL,
  plan_text TEXT NOT NULL, plan_name TEXT NOT NULL, wanted_roster TEXT NOT NULL);
CREATE TABLE audit (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, at_ms INTEGER NOT NULL,
  who TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL, evidence TEXT NOT NULL);
CREATE INDEX audit_of_domain ON audit (domain, id);
CREATE TABLE operation (id TEXT PRIMARY KEY, domain TEXT NOT NULL, verb TEXT NOT NULL,
  status TEXT NOT NULL, exit_code INTEGER NOT NULL, detail TEXT NOT NULL, request TEXT NOT NULL,
  idempotency_key TEXT NOT NULL, at_ms INTEGER NOT NULL, UNIQUE (domain, idempotency_key));
CREATE TABLE write_intent (op_id TEXT PRIMARY KEY, domain TEXT NOT NULL, body TEXT NOT NULL,
  open INTEGER NOT NULL);
CREATE UNIQUE INDEX one_open_intent ON write_intent (domain) WHERE open = 1;
CREATE TABLE known_op (domain TEXT NOT NULL, op_id TEXT NOT NULL, PRIMARY KEY (domain, op_id));
CREATE TABLE gate_override (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, gate TEXT NOT NULL,
  digest TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL);
CREATE TABLE waiver (domain TEXT NOT NULL, resolver TEXT NOT NULL, author TEXT NOT NULL,
  reason TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER, PRIMARY KEY (domain, resolver));
)"},
          {"journal", 2, R"(
CREATE TABLE waiver_of_owner (domain TEXT NOT NULL, owner TEXT NOT NULL, resolver TEXT NOT NULL,
  author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER,
  PRIMARY KEY (domain, owner, resolver));
INSERT INTO waiver_of_owner SELECT domain, domain, resolver, author, reason, at_ms, until_ms
  FROM waiver;
DROP TABLE waiver;
)"},
          mta_sts_migration(),
          // The state `ready` was called `eligible` once; what people wrote is left as it is.
          {"journal", 3, R"(
UPDATE audit SET what = replace(what, 'eligible', 'ready')
  WHERE what LIKE 'eligible -> %' OR what LIKE '% -> eligible';
UPDATE switchover SET machine = replace(replace(replace(machine,
  '"state":"eligible"', '"state":"ready"'),
  '"return_to":"eligible"', '"return_to":"ready"'),
  '"blocked_from":"eligible"', '"blocked_from":"ready"');
)"}};
}

void write_step(Transaction& tx, const JournalStep& step) {
  write_machine(tx, step);
  write_records(tx, step);
  write_intent(tx, step);
  if (step.operation) {
    keep_operation(tx, *step.operation, step.operation_key, step.operation_request, step.at);
  }
  finish_operations(tx, step);
}

std::vector<std::string> journal_domains(Transaction& tx) {
  std::vector<std::string> domains;
  for (const Row& row : tx.query("SELECT domain FROM switchover ORDER BY domain")) {
    domains.push_back(row.text(0));
  }
  return domains;
}

std::optional<JournalState> read_journal(Transaction& tx, const std::string& domain) {
  const auto rows = tx.query(
      "SELECT revision, machine, plan_text, plan_name, wanted_roster FROM switchover "
      "WHERE domain = ?",
      {domain});
  if (rows.empty()) return std::nullopt;
  const Row& row = rows.front();
  JournalState state;
  state.revision = row.integer(0);
  state.machine = must(machine_state_from(json_at(row, 1, domain)), domain);
  state.plan_text = row.text(2);
  state.plan_name = row.text(3);
  state.wanted_roster = json_at(row, 4, domain);
  for (const Row& open :
       tx.query("SELECT body FROM write_intent WHERE domain = ? AND open = 1", {domain})) {
    state.intent = must(write_intent_from(json_at(open, 0, domain)), domain);
  }
  read_lists(tx, domain, state);
  state.mta_sts = kept_mta_sts(tx, domain);
  return state;
}

std::optional<KeptOperation> find_operation(Transaction& tx, const std::string& id) {
  return first_operation(
      tx.query(fmt::format("SELECT {} FROM operation WHERE id = ?", kOperationColumns), {id}));
}

std::optional<KeptOperation> find_by_key(Transaction& tx, const std::string& domain,
                                         const std::string& key) {
  return first_operation(
      tx.query(fmt::format("SELECT {} FROM operation WHERE domain = ? AND idempotency_key = ?",
                           kOperationColumns),
               {domain, key}));
}

void keep_operation(Transaction& tx, const Operation& op, const std::string& key,
                    const std::string& request, Time at) {
  tx.execute(
      "INSERT INTO operation (id, domain, verb, status, exit_code, detail, request, "
      "idempotency_key, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {op.id, op.domain, op.verb, op.status, std::int64_t{op.exit_code}, json_text(op.detail),
       request, key, stamp(at)});
}

}  // namespace mxswitch::orchestrator
