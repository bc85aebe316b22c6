// The drain bound: until when caches that keep to TTLs may still hold an earlier set
// (PROPAGATION.md 2 B).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/authorities.h"
#include "monitor/propagation/blackouts.h"
#include "monitor/propagation/companions.h"

namespace mxswitch::monitor {

// A set with its TTL that one endpoint served. Sets are kept whatever the plan expects, so that
// a changed plan loses no obligation.
struct Version {
  AuthorityAddress address;
  std::string nsid;
  MxSet set;  // empty: an absent state
  std::uint32_t ttl = 0;
  std::uint32_t soa_expire = 0;
  Time first_at{}, last_at{};    // receive times at which it was seen
  std::optional<Time> ended_at;  // u: receive time of the first later answer that is not it
  // Still served when the MX came to stand at another name (see Propagation::set_chain). It ends
  // when every endpoint serves the CNAMEs as they are now.
  std::optional<Time> retired_at;
  bool from_beginning = false;  // what its endpoint answered first, at `first_at` (`began`)
};

class Versions {
 public:
  // A conclusive answer with AA. A version seen at another site of an anycast address (by NSID)
  // ends only when that site answers otherwise, or when no site has shown it for `spread`.
  // True when a version is new, ended or came back.
  bool served(const AuthoritySample& sample, Duration spread);
  // Time since `at` can't be accounted for: everything that had ended counts from now.
  void restart(Time now);
  void retire(Time now);

  const std::vector<Version>& all() const { return all_; }
  std::vector<Version>& all() { return all_; }
  std::optional<std::uint32_t> largest_ttl(const MxSet& set) const;
  std::optional<std::uint32_t> largest_ttl_other_than(const MxSet& set) const;

 private:
  void forget_dominated(const AuthorityAddress& address);
  std::vector<Version> all_;
};

// Two operators' resolvers fetched the old set after every known authority had left it
// (section 2 B, Resets): somewhere there is an authority that nobody listed.
struct UnseenAuthority {
  MxSet set;
  Time fetched_at{};
  std::uint32_t ttl = 0;
  std::string shown_by;
  std::vector<Endpoint> resolvers;  // the two that showed it; either may be one that never lets go
};

// An old answer, as it came.
struct SeenCopy {
  MxSet set;
  std::uint32_t ttl = 0;  // remaining
  Time received_at{};
  Time expires_at() const { return received_at + seconds(ttl); }
};

// One that says what caches hold from before the watch, and who showed it.
struct HeldCopy {
  std::string operator_name, label;
  SeenCopy copy;
};

// Copies that resolvers of at least two operators show, when that proves something (2 B, "The TTL
// before the watch").
struct EarlierCopies {
  std::vector<HeldCopy> longer;  // remaining TTLs above all that an authority gave with the set
  std::vector<HeldCopy> old;     // of each resolver the one that expires last
};

struct DrainFacts {
  const PropagationInput& input;
  const Authorities& authorities;
  const Versions& versions;
  const Classifier& classes;
  std::vector<UnseenAuthority> unseen;
  const Companions* companions = nullptr;
  EarlierCopies copies{};
  std::vector<Blackout> blackouts{};
};

struct DrainBound {
  std::vector<Obligation> obligations;
  std::optional<Time> drain_started_at;  // L
  std::optional<Time> ended_at;          // the latest u
  std::optional<Time> b_strict, strict_until, opens_at, stale_until;
  // Until when a copy from before the watch may be held; and whether resolvers showed such copies,
  // so that those who hold one are no stretchers.
  std::optional<Time> copies_until;
  bool copies_seen = false;
  bool assumed = false;
  // The last that counts: nobody answered for a zone that an obligation rests on, since the change.
  std::optional<Blackout> blackout;
  std::optional<Time> earliest;  // while there is no clock: if all turned new right now
  Condition condition;           // B
};

DrainBound judge_drain(const DrainFacts& facts, Time now);

}  // namespace mxswitch::monitor
