// The view from the authorities: no cache stands between, so this is what publishing did.
#include <algorithm>
#include <map>
#include <set>

#include "probes/spf/view.h"

namespace mxswitch::probes::spf {
namespace {

constexpr int kMostLinks = 16;
constexpr std::size_t kMostZones = 256;  // remembered; an evaluation meets a few dozen

class AuthorityView final : public DnsView {
 public:
  AuthorityView(Transport& transport, DelegationOptions options, Duration deadline)
      : transport_(transport), options_(std::move(options)), deadline_(deadline) {}

  asio::awaitable<Lookup> lookup(std::string name, RrType type) override {
    Lookup made;
    made.name = name;
    made.type = type;
    const auto wanted = name_of(name);
    if (!wanted) {
      made.outcome = Lookup::Outcome::no_name;
      co_return made;
    }
    made.ttl = UINT32_MAX;
    Question question{*wanted, type};
    for (int link = 0; link < kMostLinks; ++link) {
      const auto next = co_await step(made, question);
      if (!next) break;
      question.name = *next;
    }
    if (made.records.empty()) made.ttl = 0;
    co_return made;
  }

 private:
  // Asks the zone of the question's name; the name to go on with when it ends in an alias.
  asio::awaitable<std::optional<DnsName>> step(Lookup& made, Question question) {
    made.outcome = Lookup::Outcome::failed;
    const auto servers = co_await servers_of(question.name);
    if (!servers) {
      // A parent that knows nothing of the name has answered.
      if (servers.error().fault == Fault::not_found) made.outcome = Lookup::Outcome::name_error;
      co_return std::nullopt;
    }
    for (const Endpoint& server : *servers) {
      Query query;
      query.server = server;
      query.question = question;
      query.flags.recursion_desired = false;
      query.deadline = deadline_;
      const Reply reply = co_await transport_.ask(query);
      made.rtt += reply.rtt;
      if (!reply.answer) continue;
      const Rcode rcode = reply.answer->rcode;
      if (rcode == Rcode::noerror || rcode == Rcode::nxdomain)
        co_return take(made, *reply.answer, question);
    }
    co_return std::nullopt;
  }

  static std::optional<DnsName> take(Lookup& made, const Answer& answer, const Question& question) {
    const ChainedRecords chained = follow_chain(answer, question);
    for (const Record& link : chained.links) made.ttl = std::min(made.ttl, link.ttl);
    for (const Record& record : chained.records) {
      made.ttl = std::min(made.ttl, record.ttl);
      made.records.push_back(record.data);
    }
    if (!made.records.empty()) {
      made.outcome = Lookup::Outcome::found;
      return std::nullopt;
    }
    // The code is that of the chain's last name (RFC 6604), which may lie in another zone.
    made.outcome =
        answer.rcode == Rcode::nxdomain ? Lookup::Outcome::name_error : Lookup::Outcome::no_data;
    if (chained.links.empty()) return std::nullopt;
    const auto* target = std::get_if<DnsName>(&chained.links.back().data);
    return target ? std::optional(*target) : std::nullopt;
  }

  asio::awaitable<Result<std::vector<Endpoint>>> servers_of(DnsName name) {
    const auto known = zones_.find(name);
    if (known != zones_.end()) co_return known->second;
    const auto delegation = co_await find_delegation(transport_, name, options_);
    if (!delegation) co_return tl::unexpected(delegation.error());
    std::vector<Endpoint> servers;
    for (const NameServer& server : delegation->servers)
      servers.insert(servers.end(), server.endpoints.begin(), server.endpoints.end());
    if (zones_.size() < kMostZones) zones_[name] = servers;
    co_return servers;
  }

  Transport& transport_;
  DelegationOptions options_;
  Duration deadline_;
  std::map<DnsName, std::vector<Endpoint>> zones_;
};

}  // namespace

std::unique_ptr<DnsView> authority_view(Transport& transport, DelegationOptions options,
                                        Duration deadline) {
  return std::make_unique<AuthorityView>(transport, std::move(options), deadline);
}

}  // namespace mxswitch::probes::spf
