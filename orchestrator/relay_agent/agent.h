// The relay agent of one node: its parts wired together, on the executor of the caller's loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/accounts.h"
#include "orchestrator/relay_agent/control_api.h"
#include "probes/base/http_server.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct AgentPeer {
  std::string node;
  std::string api;  // http(s)://host:port
};

struct AgentOptions {
  ControlOptions control;
  HttpServerOptions http;
  std::string store;              // path of the SQLite file, or "sqlite::memory:"
  std::string socketmap, policy;  // places to listen
  RelayFacts facts;
  std::vector<std::string> own_addresses;    // of this node
  std::vector<std::string> relay_addresses;  // of all nodes
  std::string helo;                          // to the old server
  std::string probe_sender;                  // MAIL FROM to the old server; empty: <>
  std::string srs_domain;                    // empty: senders are not rewritten
  std::string mail_log;                      // empty: deliveries are not counted
  PostfixCommands postfix;
  std::string accounts;        // the file that Dovecot reads; empty: no Dovecot here
  std::string accounts_group;  // Dovecot's processes are in it; empty: as the folder has it
  MailStore mail_store;
  std::vector<AgentPeer> peers;
  std::string peer_token, ca_file;
};

class Agent {
 public:
  // `loop` must run on one thread; it and `clock` must outlive the agent.
  Agent(AgentOptions options, asio::any_io_executor loop, const Clock& clock);
  ~Agent();

  // Opens the store, binds every place, starts serving. Nothing is answered but TEMP until the
  // peers were asked (3 s at most).
  Result<void> start();
  void stop();  // from the loop or after it has ended; idempotent
  int api_port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mxswitch::orchestrator
