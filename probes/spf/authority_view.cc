// The view from the authorities: no cache stands between, so this is what publishing did.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "probes/dns/referral.h"
#include "probes/dns/walk.h"
#include "probes/spf/answer.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kMostZones = 4096;  // remembered; an evaluation meets a few dozen
// Every server gets a short try before one gets a long one: a dead server of several may not cost
// what a slow one is worth.
constexpr Duration kShortTry = Duration(1500);

struct Zone {
  DnsName name;
  std::vector<Endpoint> servers;
};

// What a zone said; no answer: none of its servers speaks for it.
struct Heard {
  Said said = Said::lame;
  std::optional<Answer> answer;
};

class AuthorityView final : public DnsView {
 public:
  AuthorityView(Transport& transport, DelegationOptions options, Duration deadline)
      : transport_(transport),
        options_(std::move(options)),
        patience_{std::min(kShortTry, deadline), deadline} {}

  asio::awaitable<Lookup> lookup(std::string name, RrType type, AskingBudget& budget) override {
    BudgetedTransport transport(transport_, budget);
    Lookup made = blank_lookup(name, type);
    auto wanted = name_of(name);
    if (!wanted) made.outcome = Lookup::Outcome::no_name;
    for (int link = 0; wanted && link < kMostLinks; ++link) {
      Question question{*wanted, type};
      wanted = co_await step(transport, made, std::move(question));
    }
    if (made.records.empty()) made.ttl = 0;
    co_return made;
  }

 private:
  // Asks the zone of the question's name; the name to go on with when it ends in an alias, which
  // may lie in another zone. Walks from the root only for a zone that was not met yet.
  asio::awaitable<std::optional<DnsName>> step(BudgetedTransport& transport, Lookup& made,
                                               Question question) {
    made.outcome = Lookup::Outcome::failed;
    Zone zone = deepest_known(question.name);
    Heard heard;
    if (!zone.servers.empty()) heard = co_await ask_zone(transport, zone, question);
    if (zone.servers.empty() || heard.said == Said::referral) {
      zone = co_await walk_to(transport, question.name);
      heard = co_await ask_zone(transport, zone, question);
    }
    // Whoever asks next looks for servers anew.
    if (!heard.answer && !transport.used_up()) zones_.erase(zone.name);
    if (!heard.answer || heard.said == Said::referral) co_return std::nullopt;
    co_return take(made, *heard.answer, question);
  }

  asio::awaitable<Heard> ask_zone(BudgetedTransport& transport, Zone zone, Question question) {
    Heard heard;
    std::vector<Endpoint> servers = in_order(zone.servers);
    for (const Duration deadline : patience_) {
      std::vector<Endpoint> silent;
      for (const Endpoint& server : servers) {
        const Reply reply = co_await ask_server(transport, server, question, deadline);
        if (transport.used_up() && !reply.answer) co_return heard;  // that says nothing of it
        if (!reply.answer) {
          if (reply.answer.error().fault == Fault::timed_out) silent.push_back(server);
          silent_.insert(server);
          continue;
        }
        silent_.erase(server);
        const Said said = read_response(*reply.answer, question, zone.name).said;
        if (said == Said::lame) continue;
        prefer(zone.name, server);
        co_return Heard{said, *reply.answer};
      }
      servers = std::move(silent);
    }
    co_return heard;
  }

  asio::awaitable<Reply> ask_server(BudgetedTransport& transport, Endpoint server,
                                    Question question, Duration deadline) {
    Query query;
    query.server = server;
    query.question = std::move(question);
    query.flags.recursion_desired = false;
    query.deadline = deadline;
    co_return co_await transport.ask(query);
  }

  // The zone that holds the name, with the servers that the way to it named; without any where
  // nobody on the way answered.
  asio::awaitable<Zone> walk_to(BudgetedTransport& transport, DnsName name) {
    const Question question{name, RrType::ns};
    Zone zone;
    for (const Duration deadline : patience_) {
      DelegationOptions options = options_;
      options.deadline = deadline;
      Walk walk(transport, options);
      const auto landing = co_await walk.descend(question);
      if (landing) zone = remember(walk, *landing);
      if (landing) break;
    }
    co_return zone;
  }

  // Who answered comes first.
  Zone remember(const Walk& walk, const Landing& landing) {
    Zone zone{landing.zone, {landing.server}};
    for (const NameServer& server : walk.cut(landing.zone)->servers)
      std::copy_if(
          server.endpoints.begin(), server.endpoints.end(), std::back_inserter(zone.servers),
          [&](const Endpoint& one) { return one != landing.server && walk.has_route(one); });
    if (zones_.size() >= kMostZones) zones_.clear();
    zones_[zone.name] = zone.servers;
    return zone;
  }

  // Without servers where no zone above the name was met.
  Zone deepest_known(const DnsName& name) const {
    for (DnsName above = name;; above = above.parent()) {
      const auto known = zones_.find(above);
      if (known != zones_.end()) return {above, known->second};
      if (above.is_root()) return {};
    }
  }

  // Those that were silent when they were asked last come last.
  std::vector<Endpoint> in_order(std::vector<Endpoint> servers) const {
    std::stable_partition(servers.begin(), servers.end(),
                          [&](const Endpoint& server) { return !silent_.contains(server); });
    return servers;
  }

  // The next question goes to the server that answered: not to a lame one first.
  void prefer(const DnsName& zone, const Endpoint& server) {
    const auto known = zones_.find(zone);
    if (known == zones_.end()) return;
    std::vector<Endpoint>& servers = known->second;
    const auto place = std::find(servers.begin(), servers.end(), server);
    if (place != servers.end()) std::rotate(servers.begin(), place, std::next(place));
  }

  Transport& transport_;
  DelegationOptions options_;
  std::array<Duration, 2> patience_;
  std::map<DnsName, std::vector<Endpoint>> zones_;
  std::set<Endpoint> silent_;
};

}  // namespace

std::unique_ptr<DnsView> authority_view(Transport& transport, DelegationOptions options,
                                        Duration deadline) {
  return std::make_unique<AuthorityView>(transport, std::move(options), deadline);
}

}  // namespace mxswitch::probes::spf
