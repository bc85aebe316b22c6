// One walk through the name space from the root: what `find_delegation` and `find_addresses`
// share. Remembers the zones and addresses that it met, and ends after a bounded number of
// queries, so no set of zones can keep it busy.
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <set>

#include "probes/dns/delegation.h"
#include "probes/dns/referral.h"

namespace mxswitch::probes {

// What the parent says of a zone.
struct ZoneCut {
  DnsName zone, parent;
  std::vector<NameServer> servers;  // endpoints from glue
  std::uint32_t ns_ttl = 0, glue_ttl = 0;
  bool has_ds = false;
};

// The reply with which a descent ended: `response.said` is answer, no_data or nxdomain.
struct Landing {
  DnsName zone;  // whose server said it
  Endpoint server;
  Answer answer;
  Response response;
};

class Walk {
 public:
  Walk(Transport& transport, const DelegationOptions& options);

  // From the deepest known zone above the name to a server that speaks for it. Fails with
  // `unavailable`.
  asio::awaitable<Result<Landing>> descend(Question question);
  // IPv4 and, where wanted, IPv6 addresses; follows CNAMEs. `depth` counts walks within walks.
  asio::awaitable<Result<std::vector<IpAddress>>> addresses(DnsName host, int depth);
  // Adds the addresses of the server's own zone to those that it has from glue.
  asio::awaitable<void> complete(NameServer& server);
  // Asks a zone's servers all at once; the replies in their order, fewer where the walk's queries
  // are used up.
  asio::awaitable<std::vector<Reply>> ask_each(std::vector<Endpoint> servers, Question question);

  const ZoneCut* cut(const DnsName& zone) const;
  const std::vector<std::string>& notes() const { return notes_; }
  void note(std::string text);

 private:
  asio::awaitable<Result<Landing>> descend(Question question, int depth);
  asio::awaitable<Result<Landing>> ask_zone(ZoneCut zone, Question question, int depth);
  asio::awaitable<std::optional<Landing>> ask_server(ZoneCut zone, Endpoint server,
                                                     Question question);
  asio::awaitable<Result<std::vector<IpAddress>>> follow(DnsName host, RrType type, int depth);
  asio::awaitable<std::vector<Endpoint>> endpoints_of(DnsName host, int depth);
  std::vector<Endpoint> glue_of(const DnsName& host) const;
  ZoneCut deepest_known(const DnsName& name) const;
  void remember(const ZoneCut& parent, const Response& referral);
  Query make_query(const Endpoint& server, const Question& question) const;
  Endpoint endpoint(const IpAddress& address) const { return {address, options_.port}; }
  bool wanted(const IpAddress& address) const { return options_.use_v6 || !address.is_v6(); }
  bool exhausted() const { return spent_ >= kBudget; }

  static constexpr int kBudget = 200;  // queries

  Transport& transport_;
  DelegationOptions options_;
  std::map<DnsName, ZoneCut> cuts_;
  std::map<std::pair<DnsName, RrType>, std::vector<IpAddress>> addresses_;
  std::set<DnsName> resolving_;  // names that a walk further out waits for
  std::set<Endpoint> silent_;
  std::vector<std::string> notes_;
  int spent_ = 0;
};

}  // namespace mxswitch::probes
