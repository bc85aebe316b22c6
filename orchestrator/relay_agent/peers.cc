#include "orchestrator/relay_agent/peers.h"

#include <nlohmann/json.hpp>

#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kPages = 1000;

Result<std::vector<RelayDomain>> parse_page(const HttpResponse& response, const std::string& api) {
  if (response.status != 200) {
    return fail(Fault::unavailable, "a peer answered " + std::to_string(response.status), api);
  }
  const auto page = nlohmann::json::parse(response.body, nullptr, false);
  if (!page.is_array()) return fail(Fault::malformed, "a peer's page is no array", api);
  std::vector<RelayDomain> domains;
  for (const auto& item : page) {
    auto domain = parse<RelayDomain>(json_text(item));
    if (!domain) return tl::unexpected(domain.error());
    domains.push_back(std::move(*domain));
  }
  return domains;
}

}  // namespace

asio::awaitable<Result<std::vector<RelayDomain>>> read_peer(HttpClient& client, std::string api,
                                                            std::string token,
                                                            std::string ca_file) {
  std::vector<RelayDomain> all;
  for (int i = 0; i < kPages; ++i) {
    HttpRequest request;
    request.url = api + "/v1/domains?limit=" + std::to_string(kPage);
    if (!all.empty()) request.url += "&after=" + all.back().domain;
    request.headers["Authorization"] = "Bearer " + token;
    request.ca_file = ca_file;
    request.timeout = std::chrono::seconds(3);
    auto response = co_await client.send(std::move(request));
    if (!response) co_return tl::unexpected(response.error());
    auto page = parse_page(*response, api);
    if (!page) co_return tl::unexpected(page.error());
    const bool last = page->size() < kPage;
    all.insert(all.end(), page->begin(), page->end());
    if (last) break;
  }
  co_return all;
}

asio::awaitable<bool> is_peer_alive(HttpClient& client, std::string api, std::string ca_file) {
  HttpRequest request;
  request.url = std::move(api) + "/v1/health";
  request.ca_file = std::move(ca_file);
  request.timeout = std::chrono::seconds(3);
  const auto response = co_await client.send(std::move(request));
  co_return response && response->status == 200;
}

std::map<std::string, std::string> compare_with_peers(const RelayState& own,
                                                      const std::vector<RelayDomain>& peers,
                                                      bool alone) {
  std::map<std::string, std::string> doubts;
  for (const auto& peer : peers) {
    const auto* ours = own.find(peer.domain);
    if (!ours) continue;
    const auto& row = ours->record.row;
    // The same route is safe to serve, whoever counted or wrote it.
    const bool same_route = peer.mode == row.mode && peer.unknown == row.unknown &&
                            peer.forward == row.forward && peer.hosted == row.hosted;
    const bool later = peer.generation > row.generation || peer.updated_at > row.updated_at;
    if (later && !same_route) {
      doubts[peer.domain] = "another node of the relay has a later route: waiting to be told";
    }
  }
  if (!alone) return doubts;
  for (const auto& [name, domain] : own.domains) {
    if (domain->record.open) {
      doubts[name] = "a switch was under way when the agent stopped, and no peer answers";
    }
  }
  return doubts;
}

}  // namespace mxswitch::orchestrator
