// What this node saw pass: counters a second, later an hour, and recipients a day. Collected on
// the loop, stored once a second.
#pragma once

#include <map>
#include <string>

#include "monitor/database/database.h"
#include "orchestrator/relay/contract/contract.h"
#include "orchestrator/relay_agent/log_line.h"
#include "orchestrator/relay_agent/log_tail.h"
#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

struct FlowCounts {
  std::int64_t accepted = 0, forwarded = 0, hosted = 0, deferred = 0, rejected = 0;
};

struct RecipientCounts {
  std::int64_t count = 0, old_accepted = 0, old_rejected = 0;
  Time last_at{};
};

// Pure: what has been counted since it was last taken.
class FlowCollector {
 public:
  // Beyond this many addresses between two stores the rest is counted without its address, so
  // that a dictionary attack can't fill the memory.
  static constexpr std::size_t kAddressLimit = 10000;

  void accepted(const std::string& domain, Time at);
  void addressed(const std::string& domain, const std::string& address, Time at);
  void rejected(const std::string& domain, Time at);  // one recipient at RCPT
  void old_rejected(const std::string& domain, const std::string& address, Time at);
  void logged(const LogEvent& event, const RelayState& state, Time at);

  bool empty() const { return counts_.empty() && recipients_.empty(); }
  FlowCollector take();
  void store(monitor::Transaction& transaction) const;

 private:
  FlowCounts& counts(const std::string& domain, Time at);
  RecipientCounts* recipient(const std::string& domain, const std::string& address, Time at);

  std::map<std::pair<std::string, Time>, FlowCounts> counts_;  // by second
  std::map<std::pair<std::string, std::string>, RecipientCounts> recipients_;
};

// Where a delivery of the log went: to the old server, the hosted side, or neither (reinjection,
// discard, outside). Judged by the next hop that the log names.
enum class DeliveredTo { old_server, hosted, other };
DeliveredTo delivered_to(const LogEvent& event, const DomainState& domain);

// Recipients after `after` in order of address, at most `limit`; `covered` is left to the caller.
Flow read_flow(monitor::Transaction& transaction, const std::string& domain, Time since,
               std::size_t limit, const std::string& after);
std::optional<Time> last_accepted(monitor::Transaction& transaction, const std::string& domain);

// How far the mail log has been counted; stored with the counters, so that a restart counts no
// line twice and misses none.
LogPosition load_log_position(monitor::Transaction& transaction, const std::string& path);
void save_log_position(monitor::Transaction& transaction, const std::string& path,
                       LogPosition position);

// Sums the seconds of past hours into hours, forgets what is older than 30 days.
void roll_up_flow(monitor::Transaction& transaction, Time now);

}  // namespace mxswitch::orchestrator
