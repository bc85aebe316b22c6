// The view from the authorities: no cache stands between, so this is what publishing did.
#include <algorithm>
#include <map>

#include "probes/spf/answer.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kMostZones = 256;  // remembered; an evaluation meets a few dozen

// Adds up how long what it asked took, so that a walk counts like a query.
class TimedTransport final : public Transport {
 public:
  explicit TimedTransport(Transport& below) : below_(below) {}

  asio::awaitable<Reply> ask(Query query) override {
    Reply reply = co_await below_.ask(std::move(query));
    if (first_sent_ == Time{} || reply.sent_at < first_sent_) first_sent_ = reply.sent_at;
    last_ended_ = std::max(last_ended_, reply.received_at);
    co_return reply;
  }
  Duration elapsed() const { return last_ended_ - first_sent_; }

 private:
  Transport& below_;
  Time first_sent_{}, last_ended_{};
};

class AuthorityView final : public DnsView {
 public:
  AuthorityView(Transport& transport, DelegationOptions options, Duration deadline)
      : transport_(transport), options_(std::move(options)), deadline_(deadline) {}

  asio::awaitable<Lookup> lookup(std::string name, RrType type) override {
    Lookup made = blank_lookup(name, type);
    auto wanted = name_of(name);
    if (!wanted) made.outcome = Lookup::Outcome::no_name;
    TimedTransport timed(transport_);
    for (int link = 0; wanted && link < kMostLinks; ++link) {
      Question question{*wanted, type};
      wanted = co_await step(timed, made, std::move(question));
    }
    made.rtt = timed.elapsed();
    if (made.records.empty()) made.ttl = 0;
    co_return made;
  }

 private:
  // Asks the zone of the question's name; the name to go on with when it ends in an alias, which
  // may lie in another zone.
  asio::awaitable<std::optional<DnsName>> step(Transport& transport, Lookup& made,
                                               Question question) {
    made.outcome = Lookup::Outcome::failed;
    const auto servers = co_await servers_of(transport, question.name);
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
      const Reply reply = co_await transport.ask(query);
      if (!reply.answer) continue;
      auto next = take(made, *reply.answer, question);
      if (made.outcome != Lookup::Outcome::failed) co_return next;
    }
    co_return std::nullopt;
  }

  asio::awaitable<Result<std::vector<Endpoint>>> servers_of(Transport& transport, DnsName name) {
    const auto known = zones_.find(name);
    if (known != zones_.end()) co_return known->second;
    const auto delegation = co_await find_delegation(transport, name, options_);
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
