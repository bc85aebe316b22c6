#include "orchestrator/relay_agent/peers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/record_codec.h"
#include "orchestrator/roster/digest.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kPages = 1000;
constexpr auto kOpenAtMost = std::chrono::seconds(300);

HttpRequest request_to(const PeerPlace& peer, const std::string& path) {
  HttpRequest request;
  request.url = peer.api + path;
  request.headers["Authorization"] = "Bearer " + peer.token;
  request.ca_file = peer.ca_file;
  request.timeout = std::chrono::seconds(3);
  return request;
}

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

bool is_same_route(const RelayDomain& a, const RelayDomain& b) {
  return a.mode == b.mode && a.unknown == b.unknown && a.forward == b.forward &&
         a.hosted == b.hosted;
}

// A domain that was just made at the peer has none yet, and that is no later roster.
bool has_names(const RelayDomain& domain) {
  static const std::string kNone = roster_digest({});
  return domain.roster_digest != kNone;
}

// Made at the peer since this node started, and about to be made here: nothing that was lost.
bool is_new(const RelayDomain& peer, Time started_at) {
  return peer.generation == 1 && !has_names(peer) && peer.updated_at >= started_at;
}

// Nothing: the peer's row is no reason to doubt ours.
std::optional<DoubtKind> judge(const RelayDomain& own, const RelayDomain& peer) {
  if (is_same_route(own, peer)) {
    // The same route is safe to serve, whoever counted or wrote it; the names may be older.
    const bool newer_names = peer.roster_digest != own.roster_digest && has_names(peer) &&
                             peer.updated_at > own.updated_at;
    return newer_names ? std::optional(DoubtKind::behind) : std::nullopt;
  }
  if (is_later(peer, &own)) return DoubtKind::behind;
  const bool contradicts = peer.generation > own.generation || peer.updated_at > own.updated_at;
  return contradicts ? std::optional(DoubtKind::differs) : std::nullopt;
}

Doubt doubt_of(DoubtKind kind, const std::string& node) {
  const std::string end = "; if " + node + " is gone for good, take its [[peer]] away and restart";
  return kind == DoubtKind::behind
             ? Doubt{kind,
                     "this node has less of the domain than " + node + " and waits for it" + end,
                     node,
                     {}}
             : Doubt{
                   kind, "this node and " + node + " differ: waiting for the next write", node, {}};
}

}  // namespace

asio::awaitable<Result<std::vector<RelayDomain>>> read_peer(HttpClient& client, PeerPlace peer) {
  std::vector<RelayDomain> all;
  for (int i = 0; i < kPages; ++i) {
    std::string path = "/v1/domains?limit=" + std::to_string(kPage);
    if (!all.empty()) path += "&after=" + all.back().domain;
    auto request = request_to(peer, path);
    auto response = co_await client.send(std::move(request));
    if (!response) co_return tl::unexpected(response.error());
    auto page = parse_page(*response, peer.api);
    if (!page) co_return tl::unexpected(page.error());
    const bool last = page->size() < kPage;
    all.insert(all.end(), page->begin(), page->end());
    if (last) break;
  }
  co_return all;
}

asio::awaitable<Result<DomainRecord>> read_copy(HttpClient& client, PeerPlace peer,
                                                std::string domain) {
  auto request = request_to(peer, "/v1/domains/" + domain + "/copy");
  const auto response = co_await client.send(std::move(request));
  if (!response) co_return tl::unexpected(response.error());
  if (response->status != 200) {
    co_return fail(Fault::unavailable, "a peer answered " + std::to_string(response->status),
                   peer.api);
  }
  co_return parse_record(response->body);
}

asio::awaitable<bool> is_peer_alive(HttpClient& client, std::string api, std::string ca_file) {
  HttpRequest request;
  request.url = std::move(api) + "/v1/health";
  request.ca_file = std::move(ca_file);
  request.timeout = std::chrono::seconds(3);
  const auto response = co_await client.send(std::move(request));
  co_return response && response->status == 200;
}

bool is_later(const RelayDomain& copy, const RelayDomain* own) {
  if (own == nullptr) return true;
  if (is_same_route(copy, *own)) return copy.updated_at > own->updated_at;
  return copy.generation >= own->generation && copy.updated_at >= own->updated_at &&
         (copy.generation > own->generation || copy.updated_at > own->updated_at);
}

Doubts compare_with_peers(const RelayState& own, const std::vector<PeerRow>& peers, Time started_at,
                          bool alone) {
  Doubts doubts;
  std::map<std::string, const PeerRow*> latest;
  for (const PeerRow& peer : peers) {
    const auto* ours = own.find(peer.row.domain);
    const bool under_way =
        ours ? ours->record.row.updated_at >= started_at : is_new(peer.row, started_at);
    if (under_way) continue;
    const auto kind = ours ? judge(ours->record.row, peer.row) : std::optional(DoubtKind::behind);
    if (!kind) continue;
    const PeerRow*& best = latest[peer.row.domain];
    if (best != nullptr && !is_later(peer.row, &best->row)) continue;
    best = &peer;
    doubts[peer.row.domain] = doubt_of(*kind, peer.node);
  }
  if (!alone) return doubts;
  for (const auto& [name, domain] : own.domains) {
    if (!domain->record.open) continue;
    doubts[name] = {DoubtKind::open,
                    "a switch was under way when the agent stopped, and no peer answers", "",
                    started_at + kOpenAtMost};
  }
  return doubts;
}

Doubts doubts_after(const Doubts& before, Doubts found, const std::vector<std::string>& answered) {
  for (const auto& [domain, doubt] : before) {
    const bool asked_again = doubt.kind == DoubtKind::open
                                 ? !answered.empty()
                                 : std::ranges::find(answered, doubt.node) != answered.end();
    if (!asked_again) found[domain] = doubt;
  }
  return found;
}

}  // namespace mxswitch::orchestrator
