// The counters' tables.
#include "orchestrator/relay_agent/columns.h"
#include "orchestrator/relay_agent/flow.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

std::int64_t millis(Time t) { return t.time_since_epoch().count(); }

constexpr const char* kAddCounts =
    "INSERT INTO relay_flow (domain, at, accepted, forwarded, hosted, deferred, rejected)"
    " VALUES (?,?,?,?,?,?,?) ON CONFLICT (domain, at) DO UPDATE SET"
    " accepted = accepted + excluded.accepted, forwarded = forwarded + excluded.forwarded,"
    " hosted = hosted + excluded.hosted, deferred = deferred + excluded.deferred,"
    " rejected = rejected + excluded.rejected";

}  // namespace

void FlowCollector::store(monitor::Transaction& transaction) const {
  for (const auto& [key, counts] : counts_) {
    transaction.execute(kAddCounts,
                        {key.first, column_value(key.second), counts.accepted, counts.forwarded,
                         counts.hosted, counts.deferred, counts.rejected});
  }
  for (const auto& [key, counts] : recipients_) {
    transaction.execute(
        "INSERT INTO relay_recipients (domain, address, day, count, old_accepted, old_rejected,"
        " last_at) VALUES (?,?,?,?,?,?,?) ON CONFLICT (domain, address, day) DO UPDATE SET"
        " count = count + excluded.count, old_accepted = old_accepted + excluded.old_accepted,"
        " old_rejected = old_rejected + excluded.old_rejected,"
        " last_at = max(last_at, excluded.last_at)",
        {key.first, key.second, millis(counts.last_at) / kDay, counts.count, counts.old_accepted,
         counts.old_rejected, column_value(counts.last_at)});
  }
}

std::optional<Time> last_accepted(monitor::Transaction& transaction, const std::string& domain) {
  const auto rows = transaction.query(
      "SELECT max(at) FROM relay_flow WHERE domain = ? AND accepted > 0", {domain});
  return rows.empty() ? std::nullopt : column_optional_time(rows.front(), 0);
}

Flow read_flow(monitor::Transaction& transaction, const std::string& domain, Time since,
               std::size_t limit, const std::string& after) {
  Flow flow;
  flow.since = since;
  const auto second = std::chrono::floor<std::chrono::seconds>(since);
  for (const auto& row : transaction.query(
           "SELECT coalesce(sum(accepted),0), coalesce(sum(forwarded),0), coalesce(sum(hosted),0),"
           " coalesce(sum(deferred),0), coalesce(sum(rejected),0)"
           " FROM relay_flow WHERE domain = ? AND at >= ?",
           {domain, column_value(Time(second))})) {
    flow.accepted = row.integer(0);
    flow.forwarded = row.integer(1);
    flow.hosted = row.integer(2);
    flow.deferred = row.integer(3);
    flow.rejected = row.integer(4);
  }
  flow.last_accepted_at = last_accepted(transaction, domain);
  const auto rows = transaction.query(
      "SELECT address, sum(count), sum(old_accepted), sum(old_rejected), max(last_at)"
      " FROM relay_recipients WHERE domain = ? AND day >= ? AND address > ?"
      " GROUP BY address HAVING max(last_at) >= ? ORDER BY address LIMIT ?",
      {domain, millis(since) / kDay, after, column_value(since),
       static_cast<std::int64_t>(limit) + 1});
  for (const auto& row : rows) {
    if (flow.recipients.size() == limit) {
      flow.truncated = true;
      break;
    }
    flow.recipients.push_back(
        {row.text(0), row.integer(1), row.integer(2), row.integer(3), column_time(row, 4), false});
  }
  return flow;
}

LogPosition load_log_position(monitor::Transaction& transaction, const std::string& path) {
  const auto rows =
      transaction.query("SELECT inode, position FROM relay_log WHERE path = ?", {path});
  if (rows.empty()) return {};
  return {static_cast<std::uint64_t>(rows[0].integer(0)),
          static_cast<std::uint64_t>(rows[0].integer(1))};
}

void save_log_position(monitor::Transaction& transaction, const std::string& path,
                       LogPosition position) {
  if (position.inode == 0) return;
  transaction.execute("INSERT OR REPLACE INTO relay_log (path, inode, position) VALUES (?,?,?)",
                      {path, static_cast<std::int64_t>(position.inode),
                       static_cast<std::int64_t>(position.offset)});
}

void roll_up_flow(monitor::Transaction& transaction, Time now) {
  // The current and the last hour keep their seconds: a switch asks "since" a moment ago.
  const std::int64_t whole = (millis(now) / kHour - 1) * kHour;
  const auto hours = transaction.query(
      "SELECT domain, at / 3600000 * 3600000, sum(accepted), sum(forwarded), sum(hosted),"
      " sum(deferred), sum(rejected) FROM relay_flow WHERE at < ? AND at % 3600000 != 0"
      " GROUP BY 1, 2",
      {whole});
  transaction.execute("DELETE FROM relay_flow WHERE at < ? AND at % 3600000 != 0", {whole});
  for (const auto& row : hours) {
    transaction.execute(kAddCounts, {row.text(0), row.integer(1), row.integer(2), row.integer(3),
                                     row.integer(4), row.integer(5), row.integer(6)});
  }
  transaction.execute("DELETE FROM relay_flow WHERE at < ?", {millis(now) - 30 * kDay});
  transaction.execute("DELETE FROM relay_recipients WHERE day < ?", {millis(now) / kDay - 30});
}

}  // namespace mxswitch::orchestrator
