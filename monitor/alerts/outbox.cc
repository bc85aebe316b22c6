#include "monitor/alerts/outbox.h"

#include <algorithm>

#include "probes/base/secrets.h"

namespace mxswitch::monitor {
namespace {

constexpr seconds kFirstRetry{5};
constexpr seconds kLongestRetry{600};
constexpr std::chrono::hours kGiveUp{72};
constexpr std::chrono::hours kTokenLife{7 * 24};

std::int64_t millis(Time t) { return t.time_since_epoch().count(); }
Time from_millis(std::int64_t t) { return Time(Duration(t)); }

std::optional<Time> optional_time(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return from_millis(row.integer(column));
}

Duration retry_delay(std::int64_t attempts) {
  const auto doublings = std::min<std::int64_t>(attempts, 10);
  return std::min<Duration>(kFirstRetry * (1LL << doublings), kLongestRetry);
}

void ensure_contact(Transaction& transaction, const std::string& domain,
                    const std::string& target) {
  transaction.execute("INSERT OR IGNORE INTO contacts (domain, target) VALUES (?, ?)",
                      {domain, target});
}

ContactState contact_from(const Row& row) {
  return {row.text(0),           row.text(1),         optional_time(row, 2), optional_time(row, 3),
          optional_time(row, 4), row.integer(5) != 0, row.text(6),           optional_time(row, 7),
          row.integer(8) != 0,   row.text(9)};
}

// What all domains know of one target: its first button, its newest proofs.
std::optional<ContactState> contact_state(Transaction& transaction, const std::string& target) {
  const Row first = transaction
                        .query(
                            "SELECT (SELECT min(domain) FROM contacts WHERE target = ?1), "
                            "(SELECT min(tested_at) FROM contacts WHERE target = ?1), "
                            "(SELECT min(acknowledged_at) FROM contacts WHERE target = ?1)",
                            {target})
                        .at(0);
  if (first.is_null(0)) return std::nullopt;
  ContactState state;
  state.domain = first.text(0);
  state.target = target;
  state.tested_at = optional_time(first, 1);
  state.acknowledged_at = optional_time(first, 2);
  for (const Row& row :
       transaction.query("SELECT last_delivery_at, last_delivery_ok, last_error FROM contacts "
                         "WHERE target = ? AND last_delivery_at NOT NULL "
                         "ORDER BY last_delivery_at DESC, domain LIMIT 1",
                         {target})) {
    state.last_delivery_at = optional_time(row, 0);
    state.last_delivery_ok = row.integer(1) != 0;
    state.last_error = row.text(2);
  }
  for (const Row& row : transaction.query(
           "SELECT reached_at, reached_ok, reach_error FROM contacts "
           "WHERE target = ? AND reached_at NOT NULL ORDER BY reached_at DESC, domain LIMIT 1",
           {target})) {
    state.reached_at = optional_time(row, 0);
    state.reached_ok = row.integer(1) != 0;
    state.reach_error = row.text(2);
  }
  return state;
}

constexpr std::string_view kContactColumns =
    "SELECT domain, target, tested_at, acknowledged_at, last_delivery_at, last_delivery_ok, "
    "last_error, reached_at, reached_ok, reach_error FROM contacts ";

void add_rows(Transaction& transaction, const Alert& alert, const std::vector<std::string>& targets,
              Time not_before, const Value& operation) {
  for (const std::string& target : targets) {
    transaction.execute(
        "INSERT INTO outbox (domain, target, kind, line, body, at, next_attempt_at, operation) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {alert.domain, target, alert.kind, alert.line, alert.body, millis(alert.at),
         millis(not_before), operation});
  }
}

}  // namespace

std::vector<Migration> alert_migrations() {
  return {{"alerts", 1,
           "CREATE TABLE outbox (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, target TEXT NOT "
           "NULL, kind TEXT NOT NULL, line TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,"
           " attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER, delivered_at INTEGER, "
           "last_error TEXT);\n"
           "CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at NOT NULL;\n"
           "CREATE TABLE contacts (domain TEXT NOT NULL, target TEXT NOT NULL, tested_at INTEGER, "
           "acknowledged_at INTEGER, last_delivery_at INTEGER, last_delivery_ok INTEGER NOT NULL "
           "DEFAULT 0, last_error TEXT, PRIMARY KEY (domain, target));\n"
           "CREATE TABLE acknowledge_tokens (token_hash TEXT PRIMARY KEY, domain TEXT NOT NULL, "
           "target TEXT NOT NULL, expires_at INTEGER NOT NULL);\n"},
          {"alerts", 2,
           "ALTER TABLE outbox ADD COLUMN operation TEXT;\n"
           "ALTER TABLE contacts ADD COLUMN reached_at INTEGER;\n"
           "ALTER TABLE contacts ADD COLUMN reached_ok INTEGER NOT NULL DEFAULT 0;\n"
           "ALTER TABLE contacts ADD COLUMN reach_error TEXT;\n"},
          // A thousand domains may name one contact: what is known of it is found, not searched.
          {"alerts", 3,
           "CREATE INDEX contacts_tested ON contacts (target, tested_at);\n"
           "CREATE INDEX contacts_acknowledged ON contacts (target, acknowledged_at);\n"
           "CREATE INDEX contacts_delivered ON contacts (target, last_delivery_at DESC, domain);\n"
           "CREATE INDEX contacts_reached ON contacts (target, reached_at DESC, domain);\n"}};
}

void enqueue_alert(Transaction& transaction, const Alert& alert,
                   const std::vector<std::string>& targets) {
  add_rows(transaction, alert, targets, alert.at, nullptr);
}

void hold_alert(Transaction& transaction, const Alert& alert,
                const std::vector<std::string>& targets, Time not_before,
                const std::string& operation) {
  add_rows(transaction, alert, targets, not_before, operation);
}

void withdraw_alerts(Transaction& transaction, const std::string& domain,
                     const std::string& operation) {
  transaction.execute(
      "UPDATE outbox SET next_attempt_at = NULL, last_error = 'withdrawn: it was over before' "
      "WHERE domain = ? AND operation = ? AND delivered_at IS NULL",
      {domain, operation});
}

std::vector<OutboxRow> due_alerts(Transaction& transaction, Time now, int limit) {
  std::vector<OutboxRow> rows;
  for (const Row& row :
       transaction.query("SELECT id, target, domain, kind, line, body, at, attempts FROM outbox "
                         "WHERE next_attempt_at <= ? ORDER BY id LIMIT ?",
                         {millis(now), std::int64_t{limit}})) {
    Alert alert{row.text(2), row.text(3), row.text(4), row.text(5), from_millis(row.integer(6))};
    rows.push_back(
        {row.integer(0), row.text(1), std::move(alert), static_cast<int>(row.integer(7))});
  }
  return rows;
}

std::optional<Time> next_alert_due(Transaction& transaction) {
  return optional_time(transaction.query("SELECT min(next_attempt_at) FROM outbox").at(0), 0);
}

void mark_delivered(Transaction& transaction, std::int64_t id, Time now) {
  transaction.execute(
      "UPDATE outbox SET delivered_at = ?, next_attempt_at = NULL, last_error = NULL, "
      "attempts = attempts + 1 WHERE id = ?",
      {millis(now), id});
  transaction.execute(
      "UPDATE contacts SET tested_at = coalesce(tested_at, ?) WHERE (domain, target) IN "
      "(SELECT domain, target FROM outbox WHERE id = ? AND kind = 'contact-test')",
      {millis(now), id});
}

void mark_failed(Transaction& transaction, std::int64_t id, const std::string& error, Time now) {
  const auto rows = transaction.query("SELECT attempts, at FROM outbox WHERE id = ?", {id});
  if (rows.empty()) return;
  const bool give_up = now - from_millis(rows[0].integer(1)) > kGiveUp;
  const Value next =
      give_up ? Value(nullptr) : Value(millis(now + retry_delay(rows[0].integer(0))));
  transaction.execute(
      "UPDATE outbox SET attempts = attempts + 1, last_error = ?, next_attempt_at = ? WHERE id = ?",
      {error, next, id});
}

std::string make_acknowledge_token(Transaction& transaction, const std::string& domain,
                                   const std::string& target, Time now) {
  std::string token = random_hex(16);
  ensure_contact(transaction, domain, target);
  transaction.execute("DELETE FROM acknowledge_tokens WHERE expires_at < ?", {millis(now)});
  transaction.execute(
      "INSERT INTO acknowledge_tokens (token_hash, domain, target, expires_at) VALUES (?, ?, ?, ?)",
      {sha256_hex(token), domain, target, millis(now + kTokenLife)});
  return token;
}

ContactState acknowledge(Transaction& transaction, const std::string& token, Time now) {
  const auto rows = transaction.query(
      "SELECT domain, target FROM acknowledge_tokens WHERE token_hash = ? AND expires_at >= ?",
      {sha256_hex(token), millis(now)});
  if (rows.empty()) {
    throw StepRefused({Fault::not_found,
                       "this link is unknown or has expired",
                       {},
                       "ask for a new test: mxswitch alert test DOMAIN"});
  }
  const std::string domain = rows[0].text(0);
  const std::string target = rows[0].text(1);
  transaction.execute(
      "UPDATE contacts SET acknowledged_at = coalesce(acknowledged_at, ?) "
      "WHERE domain = ? AND target = ?",
      {millis(now), domain, target});
  return contact_from(
      transaction
          .query(std::string(kContactColumns) + "WHERE domain = ? AND target = ?", {domain, target})
          .at(0));
}

void record_delivery(Transaction& transaction, const std::string& domain, const std::string& target,
                     const std::optional<std::string>& error, Time now) {
  ensure_contact(transaction, domain, target);
  transaction.execute(
      "UPDATE contacts SET last_delivery_at = ?, last_delivery_ok = ?, last_error = ? "
      "WHERE domain = ? AND target = ?",
      {millis(now), std::int64_t{error ? 0 : 1}, error ? Value(*error) : Value(nullptr), domain,
       target});
}

void record_reach(Transaction& transaction, const std::string& domain, const std::string& target,
                  const std::optional<std::string>& error, Time now) {
  ensure_contact(transaction, domain, target);
  transaction.execute(
      "UPDATE contacts SET reached_at = ?, reached_ok = ?, reach_error = ? "
      "WHERE domain = ? AND target = ?",
      {millis(now), std::int64_t{error ? 0 : 1}, error ? Value(*error) : Value(nullptr), domain,
       target});
}

std::vector<ContactState> contact_states(Transaction& transaction,
                                         const std::vector<std::string>& targets) {
  std::vector<ContactState> states;
  for (const std::string& target : targets) {
    auto state = contact_state(transaction, target);
    if (state) states.push_back(std::move(*state));
  }
  return states;
}

}  // namespace mxswitch::monitor
