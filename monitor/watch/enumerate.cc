#include "monitor/watch/enumerate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "monitor/watch/look.h"
#include "probes/dns/ask_all.h"
#include "probes/dns/routes.h"
#include "probes/dns/walk.h"

namespace mxswitch::monitor {
namespace {

using probes::Delegation;
using probes::Query;
using probes::Question;
using probes::RrType;
using probes::Transport;

constexpr int kMostLinks = 8;
constexpr std::size_t kMostExchanges = 16;
constexpr std::size_t kMostParentServers = 4;  // as many as are asked for the delegation
constexpr int kWildcardTries = 3;

seconds ttl_of(const Delegation& zone) {
  return seconds(std::max({zone.parent_ns_ttl, zone.child_ns_ttl, zone.glue_ttl}));
}

Query query_of(const Endpoint& server, const DnsName& name, RrType type,
               const probes::DelegationOptions& options) {
  Query query;
  query.server = server;
  query.question = Question{name, type};
  query.flags.recursion_desired = false;
  query.deadline = options.deadline;
  return query;
}

class Enumeration {
 public:
  Enumeration(Transport& transport, EnumerateRequest request)
      : transport_(transport),
        request_(std::move(request)),
        walk_(transport, request_.delegation, request_.memory) {}

  asio::awaitable<WalkResult> run() {
    const bool found = co_await follow_chain();
    if (found) co_await list_exchanges();
    note_families();
    co_return std::move(result_);
  }

 private:
  asio::awaitable<bool> follow_chain() {
    DnsName name = request_.owner;
    for (int i = 0; i <= kMostLinks; ++i) {
      const auto zone = co_await probes::find_delegation(walk_, name);
      if (!zone) {
        result_.fault = zone.error().text();
        co_return false;
      }
      if (i == 0) co_await look_for_wildcard(*zone);
      note_zone(*zone);
      co_await list_signers(*zone);
      // An apex has SOA and NS, so no CNAME (RFC 1034 3.6.2).
      std::optional<DnsName> target;
      if (zone->zone != name) target = co_await find_link(*zone, name);
      if (!target) {
        finish(*zone, name);
        co_await list_former(zone->zone);
        co_return !result_.endpoints.empty();
      }
      list(name, RrType::cname, addresses_of(*zone), ttl_of(*zone));
      name = *target;
    }
    result_.fault = "more than 8 CNAMEs follow one another at " + request_.owner.text();
    co_return false;
  }

  // What nobody looked for may serve anything, whichever zone of the change it belongs to.
  void note_left_out(const Delegation& zone) {
    for (const probes::NameServer& server : zone.servers) {
      const WalkLimits::LeftOut one{zone.zone, server.name};
      auto& all = result_.limits.left_out;
      if (server.left_out && std::find(all.begin(), all.end(), one) == all.end())
        all.push_back(one);
    }
  }

  void note_families() {
    std::vector<AuthorityAddress> all = result_.endpoints;
    for (const ListedCompanion& one : result_.companions)
      all.insert(all.end(), one.endpoints.begin(), one.endpoints.end());
    const WalkLimits found = unrouted_families(all, request_.delegation);
    result_.limits.no_v4 = found.no_v4;
    result_.limits.no_v6 = found.no_v6;
  }

  void note_zone(const Delegation& zone) {
    note_left_out(zone);
    for (std::string& warning : warnings_of(zone))
      if (std::find(result_.warnings.begin(), result_.warnings.end(), warning) ==
          result_.warnings.end())
        result_.warnings.push_back(std::move(warning));
  }

  void finish(const Delegation& zone, const DnsName& name) {
    result_.mx_name = name;
    result_.endpoints = addresses_of(zone);
    result_.ns_ttl = ttl_of(zone);
    result_.signed_zone = result_.signed_zone || zone.signed_zone;
    if (result_.endpoints.empty()) result_.fault = "no name server has an address";
  }

  // By the addresses that their names have now.
  asio::awaitable<void> list_former(DnsName zone) {
    if (result_.endpoints.empty() || request_.formerly.empty()) co_return;
    Delegation former;
    former.zone = zone;
    for (const DnsName& name : request_.formerly) {
      former.servers.emplace_back();
      former.servers.back().name = name;
    }
    co_await walk_.complete(former.servers, zone);
    note_left_out(former);
    for (const AuthorityAddress& one : addresses_of(former))
      if (std::find(result_.endpoints.begin(), result_.endpoints.end(), one) ==
          result_.endpoints.end())
        result_.endpoints.push_back(one);
  }

  std::vector<AuthorityAddress> reachable(const Delegation& zone) const {
    std::vector<AuthorityAddress> all = addresses_of(zone);
    std::erase_if(all, [&](const auto& one) { return !walk_.has_route(one.endpoint); });
    return all;
  }

  // One server with a CNAME is enough: its polls show those that have none yet.
  asio::awaitable<std::optional<DnsName>> find_link(Delegation zone, DnsName name) {
    std::vector<Query> queries;
    for (const AuthorityAddress& server : reachable(zone))
      queries.push_back(query_of(server.endpoint, name, RrType::cname, request_.delegation));
    const auto replies = co_await probes::ask_all(transport_, std::move(queries));
    for (const probes::Reply& reply : replies) {
      if (!reply.answer || !reply.answer->aa) continue;
      for (const probes::Record& record : reply.answer->answer)
        if (record.type == RrType::cname && record.owner == name)
          co_return std::get<DnsName>(record.data);
    }
    co_return std::nullopt;
  }

  asio::awaitable<void> list_signers(Delegation zone) {
    if (!zone.signed_zone) co_return;
    result_.signed_zone = true;
    std::vector<AuthorityAddress> parents = co_await parents_of(zone);
    list(zone.zone, RrType::ds, std::move(parents), seconds(0));
    list(zone.zone, RrType::dnskey, addresses_of(zone), ttl_of(zone));
  }

  // By their glue, an address of each server; where the walk needed none, by their own zones.
  asio::awaitable<std::vector<AuthorityAddress>> parents_of(Delegation zone) {
    std::vector<AuthorityAddress> parents;
    for (const probes::NameServer& server : zone.parent_servers) add_parent(server, parents);
    for (std::size_t i = 0; parents.empty() && i < zone.parent_servers.size(); ++i) {
      probes::NameServer server = zone.parent_servers[i];
      const auto found = co_await walk_.addresses(server.name, 0);
      if (!found) continue;
      for (const probes::IpAddress& address : *found)
        server.endpoints.push_back({address, request_.delegation.port});
      add_parent(server, parents);
    }
    co_return parents;
  }

  void add_parent(const probes::NameServer& server, std::vector<AuthorityAddress>& parents) const {
    const bool many_servers = server.name.is_root();  // the hints of the root
    for (const Endpoint& endpoint : server.endpoints) {
      if (parents.size() >= kMostParentServers || !walk_.has_route(endpoint)) continue;
      parents.push_back({server.name, endpoint});
      if (!many_servers) return;
    }
  }

  asio::awaitable<void> list_exchanges() {
    std::set<DnsName> exchanges;
    for (const probes::Mx& mx : request_.expected.records()) {
      const bool a_host = !mx.exchange.is_root() && !probes::IpAddress::parse(mx.exchange.text());
      if (a_host && exchanges.size() < kMostExchanges) exchanges.insert(mx.exchange);
    }
    for (const DnsName& exchange : exchanges) co_await list_exchange(exchange);
  }

  // Of a name that does not exist: where a domain of its own says so, and not a top-level one, that
  // domain's servers go on being asked.
  asio::awaitable<std::optional<Delegation>> zone_above(DnsName name) {
    for (name = name.parent(); name.label_count() > 1; name = name.parent()) {
      auto zone = co_await probes::find_delegation(walk_, name);
      if (zone && zone->zone.label_count() > 1) co_return *zone;
      if (zone || zone.error().fault != Fault::not_found) break;
    }
    co_return std::nullopt;
  }

  // Hosts that stand side by side are in one zone, unless one of them is an apex.
  asio::awaitable<void> list_exchange(DnsName exchange) {
    const auto known = zones_.find(exchange.parent());
    if (known != zones_.end()) {
      list_addresses(exchange, known->second);
      co_return;
    }
    const auto zone = co_await probes::find_delegation(walk_, exchange);
    if (!zone && zone.error().fault == Fault::not_found) {
      const auto above = co_await zone_above(exchange);
      if (above) {
        note_left_out(*above);
        list_addresses(exchange, *above);
        co_return;
      }
    }
    if (!zone) {
      for (const RrType type : {RrType::a, RrType::aaaa}) {
        ListedCompanion& one = list(exchange, type, {}, seconds(0));
        one.fault = zone.error().text();
        one.nonexistent = zone.error().fault == Fault::not_found;
      }
      co_return;
    }
    note_left_out(*zone);
    if (zone->zone != exchange) zones_.emplace(exchange.parent(), *zone);
    list_addresses(exchange, *zone);
  }

  void list_addresses(const DnsName& exchange, const Delegation& zone) {
    for (const RrType type : {RrType::a, RrType::aaaa})
      list(exchange, type, addresses_of(zone), ttl_of(zone));
  }

  ListedCompanion& list(const DnsName& name, RrType type, std::vector<AuthorityAddress> endpoints,
                        seconds ns_ttl) {
    ListedCompanion& one = result_.companions.emplace_back();
    one.name = name;
    one.type = type;
    one.endpoints = std::move(endpoints);
    one.ns_ttl = ns_ttl;
    if (one.endpoints.empty()) one.fault = "no name server has an address";
    return one;
  }

  // Names below the owner without records of their own are no owners here: they are shown, and
  // never taken to follow.
  asio::awaitable<void> look_for_wildcard(Delegation zone) {
    const auto nowhere = request_.owner.with_prefix(request_.random_label);
    if (request_.random_label.empty() || !nowhere) co_return;
    int tries = 0;
    for (const AuthorityAddress& server : reachable(zone)) {
      if (++tries > kWildcardTries) co_return;
      const Query query = query_of(server.endpoint, *nowhere, RrType::mx, request_.delegation);
      const probes::Reply reply = co_await transport_.ask(query);
      if (!reply.answer) continue;
      std::vector<probes::Mx> found;
      for (const probes::Record& record :
           probes::follow_chain(reply.answer->answer, query.question).records)
        found.push_back(std::get<probes::Mx>(record.data));
      if (!found.empty())
        result_.warnings.push_back("any name below " + request_.owner.text() +
                                   " has an MX by a wildcard (" + MxSet(found).text() +
                                   "): it is not judged, list such names under subdomains");
      co_return;
    }
  }

  Transport& transport_;
  EnumerateRequest request_;
  probes::Walk walk_;
  WalkResult result_;
  std::map<DnsName, Delegation> zones_;  // of the exchanges, by their parent names
};

}  // namespace

WalkLimits unrouted_families(const std::vector<AuthorityAddress>& endpoints,
                             const probes::DelegationOptions& options) {
  WalkLimits limits;
  if (!options.has_route) return limits;
  for (const bool v6 : {false, true}) {
    const auto reached = [&](const Endpoint& one) {
      return one.address.is_v6() == v6 && options.has_route(one.address);
    };
    const bool routed =
        options.has_route(probes::far_address(v6)) ||
        std::any_of(options.roots.begin(), options.roots.end(), reached) ||
        std::any_of(endpoints.begin(), endpoints.end(),
                    [&](const AuthorityAddress& one) { return reached(one.endpoint); });
    (v6 ? limits.no_v6 : limits.no_v4) = !routed;
  }
  return limits;
}

asio::awaitable<WalkResult> enumerate(Transport& transport, EnumerateRequest request) {
  Enumeration enumeration(transport, std::move(request));
  WalkResult result = co_await enumeration.run();
  co_return result;
}

}  // namespace mxswitch::monitor
