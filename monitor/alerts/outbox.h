// Alerts leave through an outbox: the row is written in the transaction of the event it tells of,
// so an alert is never lost and never tells of what did not happen. Delivery is at least once.
//
// A *target* is an outside address of the plan's `[contact] external`: "ops@outside.example" or
// "https://hooks.example/x" (http:// is accepted for loopback and the lab).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

std::vector<Migration> alert_migrations();

struct Alert {
  std::string domain;
  std::string kind;  // "ready", "ready-lost", "switch-done", "blocked", "contact-test", ...
  std::string line;  // stands alone on a lock screen
  std::string body;  // evidence, link, what happens if nobody acts
  Time at{};
};

struct OutboxRow {
  std::int64_t id = 0;
  std::string target;
  Alert alert;
  int attempts = 0;
};

// One row a target. Without targets nothing is written: a plan without contacts has no alerts.
void enqueue_alert(Transaction& transaction, const Alert& alert,
                   const std::vector<std::string>& targets);
// The same, but kept back until `not_before`. What ends earlier takes it back by its operation, in
// the transaction of that end: people then get the message of the end alone. Both are rows, so
// neither is lost or told twice by a crash between.
void hold_alert(Transaction& transaction, const Alert& alert,
                const std::vector<std::string>& targets, Time not_before,
                const std::string& operation);
// Rows of the operation that were not delivered yet are never tried again.
void withdraw_alerts(Transaction& transaction, const std::string& domain,
                     const std::string& operation);

// Rows that may be tried now, oldest first.
std::vector<OutboxRow> due_alerts(Transaction& transaction, Time now, int limit);
// When the next row becomes due; none while the outbox is empty.
std::optional<Time> next_alert_due(Transaction& transaction);
void mark_delivered(Transaction& transaction, std::int64_t id, Time now);
// Tries again after 5 s, doubling to 10 min; after 3 days the row is given up and kept as failed.
void mark_failed(Transaction& transaction, std::int64_t id, const std::string& error, Time now);

// What is known of a domain's target: whether a person pressed its button, whether the last proof
// (a test, an alert, or an RCPT that was taken) went through, and whether it was reached since.
struct ContactState {
  std::string domain, target;
  std::optional<Time> tested_at;  // a message with the button was accepted by the channel
  std::optional<Time> acknowledged_at;
  std::optional<Time> last_delivery_at;
  bool last_delivery_ok = false;
  std::string last_error;
  std::optional<Time> reached_at;  // connected, TLS too, and nothing sent: reachable, not proved
  bool reached_ok = false;
  std::string reach_error;
};

// Makes a one-time token (128 bit, valid for 7 days; only its hash is stored) for the button.
std::string make_acknowledge_token(Transaction& transaction, const std::string& domain,
                                   const std::string& target, Time now);
// Fails (StepRefused) with not_found for a token that is unknown or expired; repeating is fine.
ContactState acknowledge(Transaction& transaction, const std::string& token, Time now);
void record_delivery(Transaction& transaction, const std::string& domain, const std::string& target,
                     const std::optional<std::string>& error, Time now);
// A connection without a message: it proves less than a delivery and undoes none.
void record_reach(Transaction& transaction, const std::string& domain, const std::string& target,
                  const std::optional<std::string>& error, Time now);
// One for each of the targets that is known, whichever domain named it: a target is acknowledged
// once and proved by any delivery.
std::vector<ContactState> contact_states(Transaction& transaction,
                                         const std::vector<std::string>& targets);

}  // namespace mxswitch::monitor
