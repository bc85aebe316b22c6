#include "probes/dns/delegation.h"

#include <algorithm>

#include "probes/dns/routes.h"
#include "probes/dns/walk.h"

namespace mxswitch::probes {
namespace {

constexpr int kMostRounds = 3;  // a child's NS may name servers whose NS name others
constexpr int kMostAliases = 16;
// Thirteen servers of both families are 26; each is polled as long as the zone is watched.
constexpr std::size_t kMostEndpoints = 40;

Failure unknown_domain(const DnsName& owner, const Landing& landing) {
  return fail(Fault::not_found, "the domain does not exist", owner.text(),
              "the zone " + landing.response.zone.text() + " says NXDOMAIN at " +
                  landing.server.text() + ": check the spelling");
}

NameServer& server_named(Delegation& delegation, const DnsName& name) {
  for (NameServer& server : delegation.servers) {
    if (server.name == name) return server;
  }
  delegation.servers.emplace_back();
  delegation.servers.back().name = name;
  return delegation.servers.back();
}

void add_child_servers(Delegation& delegation, const std::vector<Record>& records) {
  for (const Record& record : records) {
    server_named(delegation, std::get<DnsName>(record.data)).in_child = true;
    delegation.child_ns_ttl = std::max(delegation.child_ns_ttl, record.ttl);
  }
}

// What one server's answer to the question for the zone's NS is worth.
void read_child(Walk& walk, Delegation& delegation, const Endpoint& server, const Reply& reply) {
  const std::string who = server.text() + " (" + delegation.zone.text() + ")";
  if (!reply.answer) return walk.note(who + ": " + reply.answer.error().what);
  const Question question{delegation.zone, RrType::ns};
  const Response response = read_response(*reply.answer, question, delegation.zone);
  const auto records = ns_records(*reply.answer, delegation.zone);
  if (response.said == Said::lame) return walk.note(who + " " + response.why);
  if (response.said != Said::answer || records.empty()) {
    return walk.note(who + " has no NS for " + delegation.zone.text());
  }
  add_child_servers(delegation, records);
}

// Servers whose endpoints would be too many are left out, the last named first.
void bound_endpoints(Walk& walk, Delegation& delegation) {
  std::size_t count = 0;
  for (NameServer& server : delegation.servers) {
    count += server.endpoints.size();
    if (count <= kMostEndpoints || server.endpoints.empty()) continue;
    count -= server.endpoints.size();
    server.endpoints.clear();
    server.left_out = true;
    walk.note("the servers of " + delegation.zone.text() + " have more than " +
              std::to_string(kMostEndpoints) + " addresses");
  }
}

// Asks every endpoint for the zone's NS until no new endpoint appears.
asio::awaitable<void> ask_children(Walk& walk, Delegation& delegation) {
  std::set<Endpoint> asked;
  for (int round = 0; round < kMostRounds; ++round) {
    co_await walk.complete(delegation.servers, delegation.zone);
    bound_endpoints(walk, delegation);
    std::vector<Endpoint> fresh;
    for (const NameServer& server : delegation.servers)
      for (const Endpoint& endpoint : server.endpoints)
        if (walk.has_route(endpoint) && asked.insert(endpoint).second) fresh.push_back(endpoint);
    if (fresh.empty()) co_return;
    const Question question{delegation.zone, RrType::ns};
    const auto replies = co_await walk.ask_each(fresh, question);
    for (std::size_t i = 0; i < replies.size(); ++i) {
      read_child(walk, delegation, fresh[i], replies[i]);
    }
  }
}

// The apex that holds the owner, and what its parent says of it where a referral told.
struct Apex {
  DnsName zone;
  Landing landing;
};

asio::awaitable<Result<Apex>> find_apex(Walk& walk, DnsName owner) {
  DnsName name = owner;
  for (int i = 0; i < kMostAliases; ++i) {
    const Question question{name, RrType::ns};
    const auto landing = co_await walk.descend(question);
    if (!landing) co_return Failure(landing.error());
    if (landing->response.said == Said::nxdomain) co_return unknown_domain(owner, *landing);
    if (landing->response.said == Said::no_data) {
      co_return Apex{landing->response.zone, *landing};
    }
    if (!ns_records(landing->answer, name).empty()) co_return Apex{name, *landing};
    name = name.parent();  // an alias stands in the zone of the name above
  }
  co_return fail(Fault::unavailable, "every name above is an alias", owner.text());
}

bool sets_differ(const Delegation& delegation) {
  return std::any_of(delegation.servers.begin(), delegation.servers.end(),
                     [](const NameServer& s) { return s.in_parent != s.in_child; });
}

// The parent's servers hold the child too, so no referral showed the NS; the DS is asked for.
asio::awaitable<void> read_shared_parent(Walk& walk, Delegation& delegation, Landing landing) {
  add_child_servers(delegation, ns_records(landing.answer, delegation.zone));
  const std::vector<Endpoint> server(1, landing.server);
  if (delegation.servers.empty()) server_named(delegation, DnsName()).endpoints = server;
  delegation.parent_servers.emplace_back().endpoints = server;
  for (NameServer& named : delegation.servers) named.in_parent = named.in_child;
  walk.note("the servers of " + landing.zone.text() + " hold " + delegation.zone.text() +
            " too: its NS in the parent were not seen");
  const Question ds{delegation.zone, RrType::ds};
  const auto replies = co_await walk.ask_each(server, ds);
  if (replies.empty() || !replies[0].answer) co_return;
  for (const Record& record : replies[0].answer->answer) {
    if (record.type == RrType::ds) delegation.signed_zone = true;
  }
}

void read_parent(const ZoneCut& cut, Delegation& delegation) {
  delegation.servers = cut.servers;
  delegation.parent_ns_ttl = cut.ns_ttl;
  delegation.glue_ttl = cut.glue_ttl;
  delegation.signed_zone = cut.has_ds;
}

}  // namespace

asio::awaitable<Result<Delegation>> find_delegation(Transport& transport, DnsName owner,
                                                    DelegationOptions options) {
  Walk walk(transport, options);
  auto found = co_await find_delegation(walk, owner);
  co_return found;
}

asio::awaitable<Result<Delegation>> find_delegation(Walk& walk, DnsName owner) {
  const auto apex = co_await find_apex(walk, owner);
  const DnsName zone = apex ? apex->zone : owner;
  // A zone whose servers are all silent is still delegated: its endpoints are known.
  if (!apex && (!walk.cut(owner) || apex.error().fault != Fault::unavailable))
    co_return Failure(apex.error());
  co_await walk.ask_parents(zone);
  const ZoneCut* cut = walk.cut(zone);
  Delegation delegation;
  delegation.zone = zone;
  if (cut) {
    read_parent(*cut, delegation);
    delegation.parent_servers = walk.cut(cut->parent)->servers;
  } else {
    co_await read_shared_parent(walk, delegation, apex->landing);
  }
  const bool has_parent = cut && !cut->zone.is_root();
  co_await ask_children(walk, delegation);
  // The entry that stood for the hints, or for a server whose name is not known yet.
  std::erase_if(delegation.servers, [&](const NameServer& server) {
    return server.name.is_root() && delegation.servers.size() > 1;
  });
  delegation.parent_child_differ =
      has_parent && delegation.child_ns_ttl > 0 && sets_differ(delegation);
  for (NameServer& server : delegation.servers)
    std::stable_partition(server.endpoints.begin(), server.endpoints.end(),
                          [&](const Endpoint& one) { return walk.has_route(one); });
  delegation.notes = walk.notes();
  co_return delegation;
}

asio::awaitable<Result<std::vector<IpAddress>>> find_addresses(Transport& transport, DnsName host,
                                                               DelegationOptions options) {
  Walk walk(transport, options);
  auto found = co_await walk.addresses(host, 0);
  co_return found;
}

DelegationOptions from_this_host(std::vector<Endpoint> roots) {
  DelegationOptions options;
  options.roots = std::move(roots);
  options.has_route = has_route;
  options.is_own = is_own_address;
  return options;
}

}  // namespace mxswitch::probes
