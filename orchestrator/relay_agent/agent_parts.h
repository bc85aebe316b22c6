// The agent's parts on the loop, in the order in which they need each other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/agent.h"
#include "orchestrator/relay_agent/flow.h"
#include "orchestrator/relay_agent/listener.h"
#include "orchestrator/relay_agent/log_tail.h"
#include "orchestrator/relay_agent/lookups.h"
#include "orchestrator/relay_agent/mail_trail.h"
#include "orchestrator/relay_agent/peers.h"
#include "orchestrator/relay_agent/policy_service.h"
#include "orchestrator/relay_agent/protocols.h"

namespace mxswitch::orchestrator {

struct AgentParts {
  AgentParts(const AgentOptions& options, monitor::Database& database, const Clock& clock,
             asio::any_io_executor loop);

  // Binds and serves socketmap and policy.
  Result<void> listen(const AgentOptions& options, asio::any_io_executor loop,
                      std::vector<std::shared_ptr<Listener>>& listeners);
  asio::awaitable<std::vector<OldServerReply>> ask_old_server(NextHop hop,
                                                              std::vector<std::string> recipients,
                                                              Duration deadline);
  bool read_log();  // counts what is new in the mail log; false when it can't be read

  const Clock& clock;
  asio::any_io_executor executor;
  std::string helo, probe_sender;
  Registry registry;
  ProbeBoard probes;
  AddressBook addresses;
  PostfixQueue queue;
  FlowCollector flow;
  MailTrail trail;
  Lookups lookups;
  std::shared_ptr<PolicyService> policy;
  std::shared_ptr<SocketmapProtocol> socketmap;
  LogTail log;
};

}  // namespace mxswitch::orchestrator
