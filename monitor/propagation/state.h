// Everything that one owner's verdict rests on, and the readings derived from it. Inside
// monitor/propagation only; the facade is propagation.h.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/authorities.h"
#include "monitor/propagation/blackouts.h"
#include "monitor/propagation/companions.h"
#include "monitor/propagation/drain.h"
#include "monitor/propagation/resolvers.h"

namespace mxswitch::monitor {

// An old answer that no listed authority explains; two operators' make an UnseenAuthority.
struct SuspectFetch {
  Endpoint resolver;
  std::string operator_name, label;
  MxSet set;
  Time fetched_at{};
  std::uint32_t ttl = 0;
};

// One address family of a zone's servers; see Blackout.
struct SilentZone {
  std::string zone, shown;
  bool v6 = false;
  auto operator<=>(const SilentZone&) const = default;
};

struct PropagationState {
  PropagationInput input;
  Authorities authorities;
  Versions versions;
  Companions companions;
  std::optional<DnsName> chain_end;  // where the MX stands, when the owner is an alias
  seconds ns_ttl{0};                 // of the last walk: what leads to a server that leaves later
  std::map<Endpoint, ResolverTrack> tracks;  // of the resolvers that were asked or waived
  std::vector<SuspectFetch> suspects;
  std::vector<UnseenAuthority> unseen;
  std::vector<MxSet> once_expected;  // by earlier versions of the plan
  std::optional<std::string> enumeration_error;
  std::vector<std::string> walk_warnings;
  WalkLimits limits;
  bool signed_zone = false;       // the parent publishes DS
  std::vector<std::string> gaps;  // sentences: when nobody watched
  std::map<SilentZone, Silence> silences;
  std::array<Uplink, 2> uplinks;  // of IPv4 and of IPv6
  std::vector<Blackout> blackouts;
  std::optional<Time> bogus_since;  // validators of two operators refuse what the zone says
  std::optional<Time> change_started_at;
  // Of the very first change: receive time of the last old answer of what turned new first.
  std::optional<Time> last_old_before_change;
  std::optional<Time> ready_since;
  // Since when only the last look at the authorities is wanting, and when a sample was last judged
  // so; not saved: a restart looks again.
  std::optional<Time> all_held_since, followed_at;

  std::optional<Time> look_from;  // see Propagation::look_again; not saved

  struct UnderWay {
    ProbeDue probe;
    Time lost_at;  // when it must have been lost
  };
  std::vector<UnderWay> under_way;  // not saved: a restart asks again
  Time wake_at = Time::max();       // when it is to be looked at again; not saved
  std::uint64_t revision = 0;       // see Propagation::revision; not saved

  const ResolverTrack& track_of(const Endpoint& resolver) const;  // a blank one if it has none
  const DnsName& mx_name() const { return chain_end ? *chain_end : input.owner; }
  bool active(Time now) const;  // see Propagation::active
  void drop_foreign_tracks();   // of resolvers that the input does not name
};

// The readings that most judgements need, made once.
struct Reading {
  Reading(const PropagationState& state, Time now);
  Reading(const Reading&) = delete;

  const PropagationState& state;
  Time now;
  Classifier classes;
  DrainBound bound;
  std::optional<DrainBound> unpaired;  // without the evidence of suspect pairs, where there is some
  ResolverContext context;

  std::vector<ResolverStanding> standings() const;
};

std::optional<Time> ready_from(const Reading& reading,
                               const std::vector<ResolverStanding>& standings);
PropagationReport compose_report(const Reading& reading);

// The reason of the last look: before READY every judged authority is asked once more.
inline constexpr const char* kRecheck = "authority-recheck";
Phase phase_of(const Reading& reading);
// Answers from then on count as that look; none while the drain is not over.
std::optional<Time> recheck_from(const Reading& reading,
                                 const std::vector<ResolverStanding>& standings);
bool was_rechecked(const Reading& reading, const std::vector<ResolverStanding>& standings);
// See Propagation::unanswered_since.
std::vector<std::string> unanswered_since(const PropagationState& state, Time from, Time now);
// After a sample that another owner's question may have brought some time ago: what was judged
// since then stays judged.
void follow_shared(PropagationState& state, Time received_at);
// After each other sample.
void follow_readiness(PropagationState& state, Time now);

// Does this resolver's answer matter although no control name was answered lately? Always while one
// of its caches was last seen without the new set.
bool is_relevant(const ResolverStanding& standing, const Reading& reading);

Condition judge_sampling(const Reading& reading, const std::vector<ResolverStanding>& standings);
Condition judge_coherence(const Reading& reading, const std::vector<ResolverStanding>& standings);
// Operators whose resolvers passed, after intercepted and declared forwarders are collapsed.
std::vector<std::string> independent_operators(const std::vector<ResolverStanding>& standings);

}  // namespace mxswitch::monitor
