// When nobody answered for a zone: caches that could not refresh it may have served what they held
// longer than its TTL allows (PROPAGATION.md 2 A, Blackout). Facts only; drain.h says what they
// cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/observation.h"

namespace mxswitch::monitor {

struct PropagationState;

inline constexpr Duration kBlackout = seconds(60);  // shorter ones are lost packets

// The polls of one zone's servers over one address family since one of them answered.
struct Silence {
  std::optional<Time> since;  // the first failed poll
  bool complete = false;      // every judged server failed one
};

// The way of an address family out of here: dead while no server of the root answers either.
struct Uplink {
  std::optional<Time> dead_since, back_at;
};

struct Blackout {
  std::string zone;      // as `rests_on` of what hangs on it; empty: the owner's MX
  std::string evidence;  // "nobody answered for shop.example over IPv4"
  Time from{}, to{};
};

// After a poll that was taken in; `judged` servers alone count.
void follow_silence(PropagationState& state, const AuthoritySample& sample);
void follow_silence(PropagationState& state, const CompanionSample& sample);
// After a root control's answer or failure. True when the way out died or came back.
bool follow_uplink(PropagationState& state, bool v6, Time now);
// After a resolver's answer: validators of two operators refuse every answer of the zone.
void follow_signatures(PropagationState& state, Time now);

// Those that are over, and those that last, until `now`.
std::vector<Blackout> blackouts_at(const PropagationState& state, Time now);
// Since when some zone has been silent over this family; none while all answer.
std::optional<Time> silent_since(const PropagationState& state, bool v6);

}  // namespace mxswitch::monitor
