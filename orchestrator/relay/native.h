// The driver of our own relay agent: speaks orchestrator/relay/contract to each node.
#pragma once

#include <map>

#include "orchestrator/relay/domain_list.h"
#include "orchestrator/relay/relay_control.h"

namespace mxswitch::orchestrator {

class NativeRelay final : public RelayControl {
 public:
  // `client` must outlive the driver, and the driver every call in flight.
  NativeRelay(RelayOptions options, HttpClient& client);

  const std::vector<RelayNode>& nodes() const override { return options_.nodes; }

  asio::awaitable<Result<Health>> health(std::string node) override;
  asio::awaitable<Result<Tagged<RelayDomain>>> read_domain(std::string node,
                                                           std::string domain) override;
  asio::awaitable<Result<RelayDomain>> look_at_domain(std::string node, std::string domain,
                                                      Time now) override;
  asio::awaitable<Result<Tagged<RelayDomain>>> write_domain(std::string node, std::string domain,
                                                            DomainWrite write, std::string etag,
                                                            std::string idempotency_key,
                                                            StillWanted still_wanted) override;
  asio::awaitable<WriteResult> write_route(std::string node, std::string domain, RouteWrite write,
                                           std::string etag, std::string idempotency_key,
                                           bool dry_run, StillWanted still_wanted) override;
  asio::awaitable<Result<Tagged<Roster>>> read_roster(std::string node,
                                                      std::string domain) override;
  asio::awaitable<Result<Tagged<Roster>>> write_roster(std::string node, std::string domain,
                                                       RosterWrite write, std::string etag,
                                                       std::string idempotency_key) override;
  // Reads all pages; `truncated` is true only if there were more than can be held.
  asio::awaitable<Result<Flow>> read_flow(std::string node, std::string domain,
                                          Time since) override;
  asio::awaitable<Result<Probe>> make_probe(std::string node, std::string domain,
                                            ProbeWrite write) override;
  asio::awaitable<Result<Probe>> read_probe(std::string node, std::string domain,
                                            std::string id) override;
  asio::awaitable<Result<Queue>> read_queue(std::string node, std::string domain) override;

 private:
  // Puts address, token and time limit to the request; errors name the node.
  asio::awaitable<Result<HttpResponse>> call(std::string node, HttpRequest request);

  asio::awaitable<Result<std::string>> read_page(std::string node, std::string after);

  std::map<std::string, DomainList> lists_;  // of the nodes
  RelayOptions options_;
  HttpClient& client_;
};

}  // namespace mxswitch::orchestrator
