// The relay control API over HTTP, as orchestrator/relay/contract/relay-control.openapi.yaml says.
// Handlers run on the HTTP server's threads: they judge under the registry's write lock, store,
// publish and answer; every wait is bounded.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/address_book.h"
#include "orchestrator/relay_agent/policy_service.h"
#include "orchestrator/relay_agent/postfix_queue.h"
#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/relay_agent/registry.h"
#include "probes/base/http_server.h"

namespace mxswitch::orchestrator {

struct ControlOptions {
  std::string node, version;
  Duration soak = std::chrono::hours(24 * 5);        // after a switch
  Duration rollback_soak = std::chrono::hours(1);    // after a return to forward
  Duration in_force_wait = std::chrono::seconds(2);  // of the contract
  Duration flush_pause = std::chrono::seconds(10);   // between two flushes of one domain
};

struct ControlParts {
  Registry& registry;
  ProbeBoard& probes;
  AddressBook& addresses;
  PostfixQueue& queue;
  const Clock& clock;
  // From an HTTP thread, each bounded: one RCPT at a next hop; what was counted is stored.
  std::function<OldServerReply(NextHop, std::string)> ask;
  std::function<void()> store_flow;
  std::function<std::vector<PeerHealth>()> peers;
  std::function<bool()> sound;  // this node can do all it promises (mail log readable, ...)
};

class ControlApi {
 public:
  ControlApi(ControlOptions options, ControlParts parts);
  void add_routes(HttpServer& server);

 private:
  // The first answer's place while a write is being judged; `judge` fills and stores it.
  using Judge = std::function<ServerResponse(const ServerRequest&, KeptAnswer&)>;
  ServerResponse idempotent(const ServerRequest& request, const Judge& judge);
  ServerResponse replay(const KeptAnswer& kept, const KeptAnswer& asked) const;

  ServerResponse health(const ServerRequest& request);
  ServerResponse list_domains(const ServerRequest& request);
  ServerResponse get_copy(const ServerRequest& request);
  ServerResponse get_domain(const ServerRequest& request);
  ServerResponse put_domain(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse change_domain(const ServerRequest& request, const DomainWrite& write,
                               DomainRecord record, KeptAnswer& answer);
  ServerResponse delete_domain(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse put_route(const ServerRequest& request);
  ServerResponse write_route(const ServerRequest& request, KeptAnswer& answer, bool dry_run);

  ServerResponse get_roster(const ServerRequest& request);
  ServerResponse put_roster(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse put_account(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse delete_account(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse put_alias(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse delete_alias(const ServerRequest& request, KeptAnswer& answer);
  ServerResponse save_roster(DomainRecord record, bool gone, KeptAnswer& answer);

  ServerResponse get_flow(const ServerRequest& request);
  ServerResponse post_probe(const ServerRequest& request);
  ServerResponse get_probe(const ServerRequest& request);
  ServerResponse get_queue(const ServerRequest& request);
  ServerResponse post_flush(const ServerRequest& request);

  // 503 for a domain of which a peer has later: neither what is stored nor a write to it counts.
  std::optional<ServerResponse> not_now(const ServerRequest& request) const;
  RelayDomain shown(const DomainRecord& record) const;
  ServerResponse show_domain(const DomainRecord& record, int status) const;
  void fill(KeptAnswer& answer, const ServerResponse& response) const;
  // Makes the queue manager ask for the route; waits until it did.
  bool provoke(const DomainRecord& record);

  ControlOptions options_;
  ControlParts parts_;
  std::mutex mutex_;  // of the two below
  std::set<std::string> at_work_;
  std::map<std::string, Time> provoked_, flushed_;
};

// Shared by the API's files.
ServerResponse json_response(const nlohmann::json& body, int status = 200);
ServerResponse not_acceptable(const Error& error);  // 422
// 428 without If-Match, 412 when it is another; nothing when it holds.
std::optional<ServerResponse> check_match(const ServerRequest& request, const std::string& etag);
ServerResponse no_such_domain(const std::string& domain);
std::string header(const ServerRequest& request, const std::string& name);

}  // namespace mxswitch::orchestrator
