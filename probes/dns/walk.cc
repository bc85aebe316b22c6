#include "probes/dns/walk.h"

#include <algorithm>

#include "probes/dns/ask_all.h"

namespace mxswitch::probes {
namespace {

constexpr int kMostCuts = 16;    // zones on the way down
constexpr int kMostAliases = 8;  // CNAMEs on the way to an address
constexpr int kMostDepth = 4;    // walks within walks, for servers without glue
// A silent server costs as much as several that answer, so dead ones can't hold a walk for long.
constexpr int kSilence = 8;
constexpr std::size_t kMostNotes = 64;
constexpr std::size_t kMostAddresses = 32;  // of a name

void add_endpoint(std::vector<Endpoint>& endpoints, const Endpoint& endpoint) {
  if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end()) {
    endpoints.push_back(endpoint);
  }
}

std::optional<DnsName> alias_of(const Answer& answer, const DnsName& host) {
  for (const Record& record : answer.answer) {
    if (record.type == RrType::cname && record.owner == host) {
      return std::get<DnsName>(record.data);
    }
  }
  return std::nullopt;
}

}  // namespace

Walk::Walk(Transport& transport, const DelegationOptions& options)
    : transport_(transport), options_(options) {
  ZoneCut root;
  NameServer servers;
  for (const Endpoint& server : options.roots) {
    if (wanted(server.address)) servers.endpoints.push_back(server);
  }
  root.servers.push_back(std::move(servers));
  cuts_.emplace(DnsName(), std::move(root));
}

void Walk::note(std::string text) {
  const bool known = std::find(notes_.begin(), notes_.end(), text) != notes_.end();
  if (!known && notes_.size() < kMostNotes) notes_.push_back(std::move(text));
}

const ZoneCut* Walk::cut(const DnsName& zone) const {
  const auto found = cuts_.find(zone);
  return found == cuts_.end() ? nullptr : &found->second;
}

ZoneCut Walk::deepest_known(const DnsName& name) const {
  DnsName zone = name;
  while (!cuts_.contains(zone)) zone = zone.parent();
  return cuts_.at(zone);
}

void Walk::remember(const ZoneCut& parent, const Response& referral) {
  ZoneCut cut;
  cut.zone = referral.zone;
  cut.parent = parent.zone;
  cut.ns_ttl = referral.ns_ttl;
  cut.glue_ttl = referral.glue_ttl;
  cut.has_ds = referral.has_ds;
  for (const DnsName& name : referral.servers) {
    NameServer server;
    server.name = name;
    server.in_parent = true;
    for (const Glue& glue : referral.glue) {
      if (glue.name == name && wanted(glue.address)) {
        add_endpoint(server.endpoints, endpoint(glue.address));
      }
    }
    cut.servers.push_back(std::move(server));
  }
  cuts_[cut.zone] = std::move(cut);
}

Query Walk::make_query(const Endpoint& server, const Question& question) const {
  Query query;
  query.server = server;
  query.question = question;
  query.flags.recursion_desired = false;
  query.flags.dnssec_ok = true;  // so that a referral shows the DS
  query.deadline = options_.deadline;
  return query;
}

asio::awaitable<Result<Landing>> Walk::descend(Question question) {
  return descend(std::move(question), 0);
}

asio::awaitable<Result<Landing>> Walk::descend(Question question, int depth) {
  for (int i = 0; i < kMostCuts; ++i) {
    const ZoneCut zone = deepest_known(question.name);
    auto landing = co_await ask_zone(zone, question, depth);
    if (!landing || landing->response.said != Said::referral) co_return landing;
    remember(zone, landing->response);
  }
  co_return fail(Fault::unavailable, "more than 16 zones lie on the way", question.name.text());
}

asio::awaitable<Result<Landing>> Walk::ask_zone(ZoneCut zone, Question question, int depth) {
  std::set<Endpoint> tried;
  // Servers with glue first; the others need a walk of their own.
  for (const bool resolve : {false, true}) {
    for (const NameServer& server : zone.servers) {
      std::vector<Endpoint> endpoints = server.endpoints;
      if (resolve && !endpoints.empty()) continue;
      if (resolve) endpoints = co_await endpoints_of(server.name, depth + 1);
      for (const Endpoint& endpoint : endpoints) {
        if (!tried.insert(endpoint).second || silent_.contains(endpoint)) continue;
        auto landing = co_await ask_server(zone, endpoint, question);
        if (landing) co_return std::move(*landing);
      }
    }
  }
  if (exhausted()) {
    co_return fail(Fault::unavailable, "the walk took more than 200 queries", question.name.text());
  }
  co_return fail(Fault::unavailable, "no server of the zone " + zone.zone.text() + " answered",
                 question.name.text(), notes_.empty() ? "" : notes_.back());
}

asio::awaitable<std::optional<Landing>> Walk::ask_server(ZoneCut zone, Endpoint server,
                                                         Question question) {
  if (exhausted()) co_return std::nullopt;
  Query query = make_query(server, question);
  const Reply reply = co_await transport_.ask(query);
  const std::string who = server.text() + " (" + zone.zone.text() + ")";
  if (!reply.answer) {
    const bool silent = reply.answer.error().fault == Fault::timed_out;
    if (silent) silent_.insert(server);
    spent_ += silent ? kSilence : 1;
    note(who + ": " + reply.answer.error().what);
    co_return std::nullopt;
  }
  ++spent_;
  Landing landing;
  landing.zone = zone.zone;
  landing.server = server;
  landing.answer = *reply.answer;
  landing.response = read_response(*reply.answer, question, zone.zone);
  if (landing.response.said != Said::lame) co_return landing;
  note(who + " " + landing.response.why);
  co_return std::nullopt;
}

asio::awaitable<std::vector<Reply>> Walk::ask_each(std::vector<Endpoint> servers,
                                                   Question question) {
  std::vector<Query> queries;
  const auto room = static_cast<std::size_t>(std::max(0, kBudget - spent_));
  if (servers.size() > room) note("not every server was asked: there are too many");
  servers.resize(std::min(servers.size(), room));
  for (const Endpoint& server : servers) queries.push_back(make_query(server, question));
  spent_ += static_cast<int>(queries.size());
  auto replies = co_await ask_all(transport_, std::move(queries));
  co_return replies;
}

// What a referral on the way said of a host whose own zone is silent.
std::vector<Endpoint> Walk::glue_of(const DnsName& host) const {
  std::vector<Endpoint> endpoints;
  for (const auto& [zone, cut] : cuts_) {
    for (const NameServer& server : cut.servers) {
      if (server.name != host) continue;
      for (const Endpoint& endpoint : server.endpoints) add_endpoint(endpoints, endpoint);
    }
  }
  return endpoints;
}

asio::awaitable<std::vector<Endpoint>> Walk::endpoints_of(DnsName host, int depth) {
  const auto found = co_await addresses(host, depth);
  if (!found) co_return glue_of(host);
  std::vector<Endpoint> endpoints;
  for (const IpAddress& address : *found) endpoints.push_back(endpoint(address));
  co_return endpoints;
}

asio::awaitable<void> Walk::complete(NameServer& server) {
  const auto found = co_await endpoints_of(server.name, 1);
  for (const Endpoint& endpoint : found) add_endpoint(server.endpoints, endpoint);
  if (server.endpoints.empty()) note(server.name.text() + " has no address");
}

asio::awaitable<Result<std::vector<IpAddress>>> Walk::addresses(DnsName host, int depth) {
  if (depth > kMostDepth || !resolving_.insert(host).second) {
    co_return fail(Fault::unavailable, "its zone depends on itself", host.text());
  }
  auto all = co_await follow(host, RrType::a, depth);
  if (all && options_.use_v6) {
    const auto more = co_await follow(host, RrType::aaaa, depth);
    if (more) all->insert(all->end(), more->begin(), more->end());
  }
  resolving_.erase(host);
  co_return all;
}

asio::awaitable<Result<std::vector<IpAddress>>> Walk::follow(DnsName host, RrType type, int depth) {
  const std::pair key(host, type);
  if (const auto known = addresses_.find(key); known != addresses_.end()) co_return known->second;
  std::vector<IpAddress> found;
  std::optional<DnsName> next = host;
  for (int i = 0; next && i < kMostAliases; ++i) {
    const Question question{*next, type};
    const auto landing = co_await descend(question, depth);
    if (!landing) co_return Failure(landing.error());
    for (const Record& record : follow_chain(landing->answer.answer, question).records) {
      if (found.size() < kMostAddresses) found.push_back(std::get<IpAddress>(record.data));
    }
    // Links of other zones in the same answer are asked for again at their own servers.
    next = found.empty() ? alias_of(landing->answer, *next) : std::nullopt;
  }
  addresses_[key] = found;
  co_return found;
}

}  // namespace mxswitch::probes
