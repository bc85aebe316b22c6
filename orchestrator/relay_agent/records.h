// What the agent keeps of a domain, and the immutable state that every look-up reads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "orchestrator/relay/contract/contract.h"
#include "orchestrator/relay_agent/routing.h"
#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct Credential {
  std::string hash;  // with its scheme; empty: opens nothing. Never logged, never sent.
  bool must_change = true;
  std::optional<Time> initial_expires_at;
};

// The durable row of a domain with its roster.
struct DomainRecord {
  RelayDomain row;  // in_force.route_seen_at is of row.generation
  std::int64_t version = 1;
  std::int64_t roster_version = 1;
  Time route_at{};                 // when the mode was last set
  std::optional<Time> soak_until;  // refused mail stays queued until then
  bool open = false;               // an operation is under way: split, or not yet seen in use
  Roster roster;
  std::map<std::string, Credential> credentials;  // by account
};

// Why what is stored of a domain, or that nothing is, can't be relied on.
enum class DoubtKind {
  behind,   // a peer has later of it: it is copied from there
  differs,  // a peer has another route, and which is later can't be told
  open,     // a switch was under way when the agent stopped, and no peer answers
};
struct Doubt {
  DoubtKind kind = DoubtKind::behind;
  std::string reason;
  std::string node;           // that said so
  std::optional<Time> until;  // `open` alone ends by the clock
  bool holds(Time now) const { return !until || now < *until; }
};

struct DomainState {
  DomainRecord record;
  std::optional<NextHop> forward;
  NextHop hosted;
  std::shared_ptr<const RosterIndex> own_roster;
};

struct RelayState {
  std::map<std::string, std::shared_ptr<const DomainState>, std::less<>> domains;
  std::map<std::string, std::string, std::less<>> loops;  // reasons, by domain
  std::map<std::string, Doubt, std::less<>> doubts;       // also of domains that are not stored
  // The store holds nothing, and no peer has said yet whether that is right.
  bool may_lack_all = false;

  const DomainState* find(std::string_view domain) const;
  // The domain whose roster is in force: `same_as` followed once.
  const DomainState* roster_owner(const DomainState& domain) const;
  // Why nothing can be said of a domain that is not stored: it may be one of ours all the same.
  std::optional<std::string> may_lack(std::string_view domain) const;
  const Doubt* doubt(std::string_view domain, Time now) const;
  // Something is in doubt, or may be lacking.
  bool in_doubt(Time now) const;
  // What routing needs, at `now`. Nothing for a domain that is not stored.
  std::optional<RoutedDomain> routed(std::string_view domain, Time now) const;
};

// Fails when a next hop does not parse (a store that another program wrote).
Result<std::shared_ptr<DomainState>> make_domain_state(DomainRecord record);

// Change with every change of the resource.
std::string domain_etag(const DomainRecord& record);
std::string roster_etag(const DomainRecord& record);

}  // namespace mxswitch::orchestrator
