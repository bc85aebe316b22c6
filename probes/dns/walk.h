// One walk through the name space from the root: what `find_delegation` and `find_addresses`
// share. Remembers the zones and addresses that it met, and is bounded in all directions, so no set
// of zones can keep it busy or send it to a victim (PROPAGATION.md section 4).
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <set>

#include "probes/dns/delegation.h"
#include "probes/dns/referral.h"
#include "probes/dns/walk_memory.h"

namespace mxswitch::probes {

// What the parent says of a zone.
struct ZoneCut {
  DnsName zone, parent;
  std::vector<NameServer> servers;  // endpoints from glue
  std::uint32_t ns_ttl = 0, glue_ttl = 0;
  bool has_ds = false;
  std::vector<Endpoint> told_by;  // the parent's servers that were asked
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
  static constexpr int kBudget = 300;       // queries
  static constexpr int kMostAtServer = 30;  // of them at one address
  // Servers outside a zone that are looked for, of one NS set, and queries for all of them.
  static constexpr int kMostNames = 5, kMostForNames = 30;

  // `memory` may be null; it must outlive the walk.
  Walk(Transport& transport, const DelegationOptions& options, WalkMemory* memory = nullptr);
  Walk(const Walk&) = delete;

  // From the deepest known zone above the name to a server that speaks for it. Fails with
  // `unavailable`.
  asio::awaitable<Result<Landing>> descend(Question question);
  // Of both families; follows CNAMEs. `depth` counts walks within walks.
  asio::awaitable<Result<std::vector<IpAddress>>> addresses(DnsName host, int depth);
  // Adds to the servers of one NS set the addresses of their own zones. One whose address stayed
  // unknown, because the bounds did not let it be looked for, is marked as left out.
  asio::awaitable<void> complete(std::vector<NameServer>& servers, DnsName zone);
  // Asks a zone's servers all at once, those that can be asked; a reply each, in their order,
  // fewer where the walk's queries are used up.
  asio::awaitable<std::vector<Reply>> ask_each(std::vector<Endpoint> servers, Question question);
  // Merges what further servers of the parent say of the zone into its cut, and notes where they
  // differ.
  asio::awaitable<void> ask_parents(DnsName zone);

  const ZoneCut* cut(const DnsName& zone) const;
  const std::vector<std::string>& notes() const { return notes_; }
  void note(std::string text);
  bool has_route(const Endpoint& server) const;

 private:
  asio::awaitable<Result<Landing>> descend(Question question, int depth);
  asio::awaitable<Result<Landing>> ask_zone(ZoneCut zone, Question question, int depth);
  asio::awaitable<std::optional<Landing>> ask_server(ZoneCut zone, Endpoint server,
                                                     Question question);
  asio::awaitable<Result<std::vector<IpAddress>>> follow(DnsName host, RrType type, int depth);
  asio::awaitable<std::vector<Endpoint>> search(NameServer& server, DnsName zone, int depth);
  bool may_search(const DnsName& host, const DnsName& zone);
  std::vector<Endpoint> take(NameServer& server, const std::vector<IpAddress>& addresses) const;
  void add_glue(NameServer& server, const Response& referral) const;
  std::vector<IpAddress> glue_of(const DnsName& host) const;
  std::vector<std::size_t> in_order(const std::vector<NameServer>& servers) const;
  ZoneCut deepest_known(const DnsName& name) const;
  void remember(const Landing& landing, const DnsName& parent);
  std::vector<Endpoint> further_parents(const ZoneCut& cut) const;
  void merge(ZoneCut& cut, const Endpoint& parent, const Reply& reply);
  Query make_query(const Endpoint& server, const Question& question) const;
  Endpoint endpoint(const IpAddress& address) const { return {address, options_.port}; }
  bool admits(const IpAddress& address) const;
  bool exhausted() const { return spent_ >= kBudget; }
  bool may_ask(const Endpoint& server);
  std::string why_nobody(const ZoneCut& zone) const;

  Transport& transport_;
  DelegationOptions options_;
  WalkMemory own_memory_;
  WalkMemory& memory_;
  std::map<DnsName, ZoneCut> cuts_;
  std::map<std::pair<DnsName, RrType>, std::vector<IpAddress>> addresses_;
  std::set<DnsName> nonexistent_;
  std::set<DnsName> resolving_;  // names that a walk further out waits for
  std::set<Endpoint> silent_;
  std::set<std::pair<DnsName, Endpoint>> lame_;  // does not speak for the zone
  std::map<Endpoint, int> asked_;                // queries at each
  std::map<DnsName, int> searched_;              // names outside, of the zone's NS
  std::vector<std::string> notes_;
  int spent_ = 0, spent_on_names_ = 0;
  int outside_ = 0;  // searches for names outside that are under way, one within the other
  int refused_ = 0;  // queries that the bounds did not let leave
};

}  // namespace mxswitch::probes
