// Which queue ids are mail that this node took in from outside, and what the log proves of it.
// Anybody can make Postfix log an address and a word; only an id that the policy service was told
// of at the end of a message is evidence, and the ids that this message goes on under. Pure and
// bounded.
//
// A message counts as accepted once the queue manager has it: the policy service is asked before
// a milter's verdict. It gets a new id when it is requeued (pickup names the old one) and at each
// of our own smtpds on loopback (the sending program names the new one, often after the first
// lines of it: those wait a while).
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/relay_agent/log_line.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

// A message as it is kept across a restart.
struct TrailedMail {
  std::string queue_id;
  Time at{};                            // when it was complete
  std::vector<std::string> recipients;  // of ours; not counted as accepted yet
};

// What became certain.
struct TrailProof {
  std::vector<std::vector<std::string>> accepted;  // messages, by their recipients
  std::vector<LogEvent> deliveries;
};

class MailTrail {
 public:
  static constexpr std::size_t kMailLimit = 200000;  // ids; those soonest over are forgotten first
  static constexpr std::size_t kEarlyLimit = 5000;   // lines of ids that are not known
  static constexpr Duration kLifetime = std::chrono::hours(7 * 24);  // Postfix keeps mail for 5 d
  static constexpr Duration kAfterRemoval = std::chrono::seconds(60);
  static constexpr Duration kEarly = std::chrono::seconds(30);

  // `reinject_port`: of the smtpds on loopback that are ours. Without a log to read (`has_log`) a
  // message counts as accepted when it is complete.
  MailTrail(int reinject_port, bool has_log) : reinject_port_(reinject_port), has_log_(has_log) {}

  // END-OF-MESSAGE of the policy service.
  TrailProof complete(const std::string& queue_id, std::vector<std::string> recipients, Time now);
  TrailProof read(LogLine line, Time now);

  // Changed since the last call: to be stored, and ids to be forgotten.
  struct Unsaved {
    std::vector<TrailedMail> kept;
    std::vector<std::string> gone;
    bool empty() const { return kept.empty() && gone.empty(); }
  };
  Unsaved take_unsaved();
  void restore(std::vector<TrailedMail> kept);

  std::size_t known() const { return mail_.size(); }
  std::size_t waiting() const { return early_order_.size(); }  // lines

 private:
  struct Mail {
    Time at{};     // when it was complete
    Time until{};  // when it is forgotten
    std::vector<std::string> recipients;
    bool saved = false;
  };
  struct Reading {  // one line, and those that waited for what it tells
    std::deque<LogLine> lines;
    TrailProof proof;
    Time now{};
  };
  void know(const std::string& queue_id, Time at, std::vector<std::string> recipients,
            Reading& reading);
  void follow(const LogLine& line, Mail& mail, Reading& reading);
  void follow_delivery(const LogLine& line, Mail& mail, Reading& reading);
  void forget_at(const std::string& queue_id, Mail& mail, Time until);
  void forget(const std::string& queue_id);
  void forget_old(Time now);
  void wait(LogLine line, Time now);
  void drop_first_waiting();
  TrailProof work_off(Reading reading);
  bool is_own_hop(std::string_view relay) const;

  int reinject_port_;
  bool has_log_;
  std::map<std::string, Mail, std::less<>> mail_;
  std::set<std::pair<Time, std::string>> by_until_;
  std::map<std::string, std::deque<LogLine>, std::less<>> early_;
  std::deque<std::pair<Time, std::string>> early_order_;  // one a line; some were read meanwhile
  std::set<std::string> unsaved_;
  std::vector<std::string> gone_;
};

}  // namespace mxswitch::orchestrator
