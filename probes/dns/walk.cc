#include "probes/dns/walk.h"

#include <algorithm>
#include <array>

#include "probes/dns/ask_all.h"
#include "probes/dns/special_purpose.h"

namespace mxswitch::probes {
namespace {

constexpr int kMostCuts = 16;    // zones on the way down
constexpr int kMostAliases = 8;  // CNAMEs on the way to an address
constexpr int kMostDepth = 4;    // walks within walks, for servers without glue
// A silent server costs as much as several that answer, so dead ones can't hold a walk for long.
constexpr int kSilence = 8;
constexpr std::size_t kMostNotes = 64;
constexpr std::array kAddressTypes = {RrType::a, RrType::aaaa};
constexpr std::size_t kMostAddresses = 32;  // of a name
// A registry's servers say the same; all of them for each domain would be a burden to them.
constexpr std::size_t kMostFurtherParents = 3;

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

// Will it say so of every name of the zone? A SERVFAIL or the like may be of one type alone.
bool is_lame(const Answer& answer) {
  return answer.rcode == Rcode::refused || (answer.rcode == Rcode::noerror && !answer.aa);
}

// While it lives, queries count as spent on names outside.
class Counting {
 public:
  Counting(int& depth, bool counts) : depth_(depth), counts_(counts) {
    if (counts_) ++depth_;
  }
  ~Counting() {
    if (counts_) --depth_;
  }
  Counting(const Counting&) = delete;

 private:
  int& depth_;
  bool counts_;
};

std::string names_of(const std::vector<DnsName>& names) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + names[i].text();
  return names.size() > kShown ? text + ", ..." : text;
}

}  // namespace

Walk::Walk(Transport& transport, const DelegationOptions& options, WalkMemory* memory)
    : transport_(transport), options_(options), memory_(memory ? *memory : own_memory_) {
  ZoneCut root;
  NameServer servers;
  servers.endpoints = options.roots;
  // A name space of its own whose root lies at such addresses: a lab.
  const auto is_special = [](const Endpoint& one) { return !special_purpose(one.address).empty(); };
  if (std::all_of(options.roots.begin(), options.roots.end(), is_special))
    options_.allow_special = true;
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

bool Walk::has_route(const Endpoint& server) const {
  return !options_.has_route || options_.has_route(server.address);
}

bool Walk::admits(const IpAddress& address) const {
  return options_.allow_special || special_purpose(address).empty() ||
         (options_.is_own && options_.is_own(address));
}

ZoneCut Walk::deepest_known(const DnsName& name) const {
  DnsName zone = name;
  while (!cuts_.contains(zone)) zone = zone.parent();
  return cuts_.at(zone);
}

// Those of the addresses that may be asked.
std::vector<Endpoint> Walk::take(NameServer& server,
                                 const std::vector<IpAddress>& addresses) const {
  std::vector<Endpoint> taken;
  for (const IpAddress& address : addresses) {
    if (admits(address))
      add_endpoint(taken, endpoint(address));
    else
      server.special.insert(address);
  }
  return taken;
}

void Walk::add_glue(NameServer& server, const Response& referral) const {
  std::vector<IpAddress> addresses;
  for (const Glue& glue : referral.glue)
    if (glue.name == server.name) addresses.push_back(glue.address);
  for (const Endpoint& endpoint : take(server, addresses)) add_endpoint(server.endpoints, endpoint);
}

void Walk::remember(const Landing& landing, const DnsName& parent) {
  const Response& referral = landing.response;
  ZoneCut cut;
  cut.zone = referral.zone;
  cut.parent = parent;
  cut.ns_ttl = referral.ns_ttl;
  cut.glue_ttl = referral.glue_ttl;
  cut.has_ds = referral.has_ds;
  cut.told_by = {landing.server};
  for (const DnsName& name : referral.servers) {
    NameServer server;
    server.name = name;
    server.in_parent = true;
    add_glue(server, referral);
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
    remember(*landing, zone.zone);
  }
  co_return fail(Fault::unavailable, "more than 16 zones lie on the way", question.name.text());
}

// Those that were never looked for come first, then the others by age.
std::vector<std::size_t> Walk::in_order(const std::vector<NameServer>& servers) const {
  std::vector<std::size_t> order(servers.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return memory_.looked_at(servers[a].name) < memory_.looked_at(servers[b].name);
  });
  return order;
}

asio::awaitable<Result<Landing>> Walk::ask_zone(ZoneCut zone, Question question, int depth) {
  std::set<Endpoint> tried;
  // Servers with glue first; the others need a walk of their own.
  for (const bool resolve : {false, true}) {
    const std::vector<std::size_t> order = in_order(zone.servers);
    for (const std::size_t i : order) {
      NameServer& server = zone.servers[i];
      std::vector<Endpoint> endpoints = server.endpoints;
      if (resolve && !endpoints.empty()) continue;
      if (resolve) endpoints = co_await search(server, zone.zone, depth + 1);
      for (const Endpoint& endpoint : endpoints) {
        if (!tried.insert(endpoint).second) continue;
        auto landing = co_await ask_server(zone, endpoint, question);
        if (landing) co_return std::move(*landing);
      }
    }
  }
  if (exhausted()) {
    co_return fail(Fault::unavailable, "the walk took more than 300 queries", question.name.text());
  }
  co_return fail(Fault::unavailable, "no server of the zone " + zone.zone.text() + " answered",
                 question.name.text(), why_nobody(zone));
}

std::string Walk::why_nobody(const ZoneCut& zone) const {
  std::vector<Endpoint> all;
  for (const NameServer& server : zone.servers)
    all.insert(all.end(), server.endpoints.begin(), server.endpoints.end());
  const bool unrouted = !all.empty() && std::none_of(all.begin(), all.end(), [&](const auto& one) {
    return has_route(one);
  });
  if (unrouted)
    return std::string("they have only ") + all.front().address.family() +
           ", and this host has no route over it";
  return notes_.empty() ? "" : notes_.back();
}

// The bounds of the walk; what they let leave is counted.
bool Walk::may_ask(const Endpoint& server) {
  const bool names_used_up = outside_ > 0 && spent_on_names_ >= kMostForNames;
  if (exhausted() || names_used_up || asked_[server] >= kMostAtServer) {
    ++refused_;
    return false;
  }
  ++asked_[server];
  if (outside_ > 0) ++spent_on_names_;
  return true;
}

asio::awaitable<std::optional<Landing>> Walk::ask_server(ZoneCut zone, Endpoint server,
                                                         Question question) {
  if (silent_.contains(server) || lame_.contains({zone.zone, server}) || !has_route(server) ||
      !may_ask(server))
    co_return std::nullopt;
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
  if (is_lame(*reply.answer)) lame_.insert({zone.zone, server});
  note(who + " " + landing.response.why);
  co_return std::nullopt;
}

asio::awaitable<std::vector<Reply>> Walk::ask_each(std::vector<Endpoint> servers,
                                                   Question question) {
  std::vector<Query> queries;
  const auto room = static_cast<std::size_t>(std::max(0, kBudget - spent_));
  if (servers.size() > room) note("not every server was asked: there are too many");
  servers.resize(std::min(servers.size(), room));
  for (const Endpoint& server : servers) {
    ++asked_[server];
    queries.push_back(make_query(server, question));
  }
  spent_ += static_cast<int>(queries.size());
  auto replies = co_await ask_all(transport_, std::move(queries));
  co_return replies;
}

// What a referral on the way said of a host whose own zone is silent.
std::vector<IpAddress> Walk::glue_of(const DnsName& host) const {
  std::vector<IpAddress> addresses;
  for (const auto& [zone, cut] : cuts_) {
    for (const NameServer& server : cut.servers) {
      if (server.name != host) continue;
      for (const Endpoint& endpoint : server.endpoints) addresses.push_back(endpoint.address);
    }
  }
  return addresses;
}

bool Walk::may_search(const DnsName& host, const DnsName& zone) {
  if (host.is_within(zone)) return true;
  return searched_[zone]++ < kMostNames && spent_on_names_ < kMostForNames;
}

// The endpoints of a server by its own zone. What is remembered stands where it can't be looked for
// now, or nobody says.
asio::awaitable<std::vector<Endpoint>> Walk::search(NameServer& server, DnsName zone, int depth) {
  const DnsName host = server.name;
  const bool rests = memory_.rests(host);
  const bool searches = !rests && may_search(host, zone);
  std::vector<IpAddress> known = memory_.addresses(host);
  bool cut_short = !rests && !searches;
  if (searches) {
    const Counting counting(outside_, !host.is_within(zone));
    const int refused = refused_;
    const auto found = co_await addresses(host, depth);
    cut_short = !found && refused_ > refused;
    if (found && found->empty())
      memory_.none(host);
    else if (found)
      memory_.found(host, *found);
    else if (!cut_short)
      memory_.failed(host);
    known = memory_.addresses(host);
  }
  if (known.empty()) known = glue_of(host);
  server.left_out = cut_short && known.empty();
  co_return take(server, known);
}

asio::awaitable<void> Walk::complete(std::vector<NameServer>& servers, DnsName zone) {
  const std::vector<std::size_t> order = in_order(servers);
  for (const std::size_t i : order) {
    NameServer& server = servers[i];
    if (server.name.is_root()) continue;  // the root's hints have addresses only
    const auto found = co_await search(server, zone, 1);
    for (const Endpoint& endpoint : found) add_endpoint(server.endpoints, endpoint);
    server.left_out = server.left_out && server.endpoints.empty();
    for (const IpAddress& address : server.special)
      note(server.name.text() + (server.endpoints.empty() ? " has only " : " has ") +
           address.text() + " (" + std::string(special_purpose(address)) +
           "), which is not asked: no server of the Internet can be there");
    if (server.endpoints.empty() && server.special.empty() && !server.left_out)
      note(server.name.text() + " has no address");
  }
}

// The first address of each of the parent's servers, so that they are several servers.
std::vector<Endpoint> Walk::further_parents(const ZoneCut& cut) const {
  std::vector<Endpoint> further;
  const ZoneCut* parent = this->cut(cut.parent);
  if (!parent) return further;
  const auto was_asked = [&](const Endpoint& one) {
    return std::find(cut.told_by.begin(), cut.told_by.end(), one) != cut.told_by.end();
  };
  for (const NameServer& server : parent->servers) {
    // The hints of the root are one entry with many addresses.
    const bool one_server = !server.name.is_root();
    if (one_server && std::any_of(server.endpoints.begin(), server.endpoints.end(), was_asked))
      continue;
    for (const Endpoint& endpoint : server.endpoints) {
      const bool usable = has_route(endpoint) && !silent_.contains(endpoint) &&
                          !was_asked(endpoint) && !lame_.contains({parent->zone, endpoint});
      if (!usable || further.size() >= kMostFurtherParents) continue;
      further.push_back(endpoint);
      if (one_server) break;
    }
  }
  return further;
}

asio::awaitable<void> Walk::ask_parents(DnsName zone) {
  const auto known = cuts_.find(zone);
  if (known == cuts_.end() || known->second.told_by.size() != 1 || !options_.compares_parents)
    co_return;
  const std::vector<Endpoint> further = further_parents(known->second);
  const Question question{zone, RrType::ns};
  const auto replies = co_await ask_each(further, question);
  ZoneCut& cut = cuts_.at(zone);
  for (std::size_t i = 0; i < replies.size(); ++i) merge(cut, further[i], replies[i]);
}

void Walk::merge(ZoneCut& cut, const Endpoint& parent, const Reply& reply) {
  cut.told_by.push_back(parent);
  if (!reply.answer) return;
  const Response response =
      read_response(*reply.answer, Question{cut.zone, RrType::ns}, cut.parent);
  const std::string differs = "the servers of " + cut.parent.text() + " differ about " +
                              cut.zone.text() + ": " + parent.text();
  if (response.said == Said::nxdomain) return note(differs + " says that it does not exist");
  if (response.said != Said::referral || response.zone != cut.zone) return;
  std::vector<DnsName> more, fewer;
  for (const DnsName& name : response.servers) {
    auto known = std::find_if(cut.servers.begin(), cut.servers.end(),
                              [&](const NameServer& server) { return server.name == name; });
    if (known == cut.servers.end()) {
      more.push_back(name);
      NameServer server;
      server.name = name;
      server.in_parent = true;
      known = cut.servers.insert(cut.servers.end(), std::move(server));
    }
    add_glue(*known, response);
  }
  for (const NameServer& server : cut.servers)
    if (std::find(response.servers.begin(), response.servers.end(), server.name) ==
        response.servers.end())
      fewer.push_back(server.name);
  cut.ns_ttl = std::max(cut.ns_ttl, response.ns_ttl);
  cut.glue_ttl = std::max(cut.glue_ttl, response.glue_ttl);
  cut.has_ds = cut.has_ds || response.has_ds;
  if (!more.empty()) note(differs + " names " + names_of(more) + " too: all are watched");
  if (!fewer.empty()) note(differs + " does not name " + names_of(fewer) + ": all are watched");
}

asio::awaitable<Result<std::vector<IpAddress>>> Walk::addresses(DnsName host, int depth) {
  if (depth > kMostDepth || !resolving_.insert(host).second) {
    co_return fail(Fault::unavailable, "its zone depends on itself", host.text());
  }
  std::vector<IpAddress> all;
  std::optional<Error> error;
  for (const RrType type : kAddressTypes) {
    const auto found = co_await follow(host, type, depth);
    if (found)
      all.insert(all.end(), found->begin(), found->end());
    else
      error = found.error();
    if (nonexistent_.contains(host)) break;
  }
  resolving_.erase(host);
  if (error && all.empty()) co_return Failure(*error);
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
    if (landing->response.said == Said::nxdomain && *next == host) nonexistent_.insert(host);
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
