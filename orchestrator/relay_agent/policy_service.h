// Postfix's policy service: counts what comes in and what the mail log proves of it, remembers
// recipients, and before the switch asks the old server about names that it has not seen accepted.
// It never refuses without the old server's own 5xx, or a roster that lacks the name in its grace.
// Loop's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/flow.h"
#include "orchestrator/relay_agent/mail_trail.h"
#include "orchestrator/relay_agent/netstring.h"
#include "orchestrator/relay_agent/old_verdicts.h"
#include "orchestrator/relay_agent/policy_request.h"
#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/relay_agent/registry.h"

namespace mxswitch::orchestrator {

struct OldServerReply {
  int code = 0;  // 0: no answer
  std::string text;
};

// RCPT for each address at the next hop, no DATA; as many replies as addresses. Ends in 2 s.
using AskOldServer = std::function<asio::awaitable<std::vector<OldServerReply>>(
    NextHop hop, std::vector<std::string> addresses)>;

class PolicyService {
 public:
  using Request = PolicyRequest;

  // All references must outlive this.
  PolicyService(Registry& registry, ProbeBoard& probes, FlowCollector& flow, MailTrail& trail,
                const Clock& clock, AskOldServer ask);

  Result<std::optional<Request>> take(std::string& buffer) { return take_policy_request(buffer); }
  asio::awaitable<std::string> answer(Request request);

  void read_log_line(std::string_view line);

 private:
  struct Message {
    std::vector<std::string> recipients;
    Time at{};
  };
  asio::awaitable<std::string> on_recipient(PolicyRequest request);
  asio::awaitable<std::string> judge(PolicyRequest request, AddressKey address,
                                     RoutedDomain domain);
  void on_end(const PolicyRequest& request);
  void note(const TrailProof& proof);
  void note_accepted(const std::vector<std::string>& recipients);
  void note_delivery(const LogEvent& event);
  // A delivery to the old server is an answer of it, too.
  void note_verdict(const LogEvent& event);
  void remember(const PolicyRequest& request);
  asio::awaitable<std::string> judge_by_old_server(RoutedDomain domain, std::string address);
  void note_replies(const RoutedDomain& domain, const std::vector<std::string>& asked,
                    const std::vector<OldServerReply>& replies);

  Registry& registry_;
  ProbeBoard& probes_;
  FlowCollector& flow_;
  MailTrail& trail_;
  const Clock& clock_;
  AskOldServer ask_;
  OldVerdicts verdicts_;
  std::map<std::string, Message> messages_;  // by instance
  int asking_ = 0;
};

}  // namespace mxswitch::orchestrator
