#include "monitor/propagation/families.h"

#include <algorithm>

#include "monitor/propagation/schedule.h"

namespace mxswitch::monitor {
namespace {

// Answers of one family, over all endpoints of an owner.
struct Heard {
  bool silent = false;              // one that is asked does not answer
  std::optional<Time> answered_at;  // the newest answer
};

void hear(Heard& heard, const std::optional<Time>& polled_at, int failed_polls) {
  if (!polled_at) return;
  if (failed_polls > 0)
    heard.silent = true;
  else
    heard.answered_at = std::max(heard.answered_at.value_or(*polled_at), *polled_at);
}

Heard heard_over(const PropagationState& state, bool v6) {
  Heard heard;
  for (const AuthorityState& one : state.authorities.all())
    if (one.address.endpoint.address.is_v6() == v6) hear(heard, one.polled_at, one.failed_polls);
  for (const Companion& companion : state.companions.all())
    for (const CompanionServer& one : companion.servers)
      if (one.address.endpoint.address.is_v6() == v6 && !one.left_at)
        hear(heard, one.polled_at, one.failed_polls);
  return heard;
}

bool is_unrouted(const PropagationState& state, bool v6) {
  return v6 ? state.limits.no_v6 : state.limits.no_v4;
}

// Each control failed in as many rounds as make an endpoint unknown, and nobody else was heard
// for as long as makes one unreachable.
bool is_dead(const PropagationState& state, bool v6, Time now) {
  if (is_unrouted(state, v6)) return true;
  bool controlled = false;
  for (const Endpoint& control : state.input.family_controls) {
    if (control.address.is_v6() != v6) continue;
    if (state.track_of(control).control_failures < kRounds) return false;
    controlled = true;
  }
  if (!controlled) return false;
  const auto answered = heard_over(state, v6).answered_at;
  return !answered || now - *answered >= kUnreachable;
}

struct Dead {
  bool v4 = false, v6 = false;
  bool no_v4 = false, no_v6 = false;  // this host has no route of it
  bool holds(const AuthorityAddress& one) const { return one.endpoint.address.is_v6() ? v6 : v4; }
  bool unrouted(const AuthorityAddress& one) const {
    return one.endpoint.address.is_v6() ? no_v6 : no_v4;
  }
};

// Can `other` speak for `one`, whose family is dead?
template <class Server>
bool speaks_for(const Server& other, const Server& one, const Dead& dead,
                const PropagationInput& input) {
  return other.address.server == one.address.server && !dead.holds(other.address) &&
         !other.lame_before && (!other.left_at || one.left_at) &&
         !ignored_reason(other.address, input.ignored_authorities);
}

template <class Server>
bool mark(std::vector<Server>& servers, const Dead& dead, const PropagationInput& input, Time now) {
  bool changed = false;
  for (Server& one : servers) {
    one.family_dead = dead.holds(one.address);
    one.family_unrouted = dead.unrouted(one.address);
    const bool spoken_for =
        one.family_dead && std::any_of(servers.begin(), servers.end(), [&](const Server& other) {
          return speaks_for(other, one, dead, input);
        });
    if (spoken_for == one.spoken_for_since.has_value()) continue;
    changed = true;
    if (spoken_for)
      one.spoken_for_since = now;
    else
      one.spoken_for_since.reset();
  }
  return changed;
}

}  // namespace

bool is_family_control(const PropagationInput& input, const Endpoint& endpoint) {
  return std::find(input.family_controls.begin(), input.family_controls.end(), endpoint) !=
         input.family_controls.end();
}

bool follow_families(PropagationState& state, Time now) {
  const bool some_may_be_dead =
      !state.input.family_controls.empty() || state.limits.no_v4 || state.limits.no_v6;
  return some_may_be_dead && mark_families(state, now);
}

bool mark_families(PropagationState& state, Time now) {
  Dead dead;
  dead.v4 = is_dead(state, false, now);
  dead.v6 = is_dead(state, true, now);
  dead.no_v4 = state.limits.no_v4;
  dead.no_v6 = state.limits.no_v6;
  const bool changed = mark(state.authorities.all(), dead, state.input, now);
  for (AuthorityState& one : state.authorities.all())
    if (changed && !one.spoken_for_since && one.unknown_since)
      one.unknown_since = std::max(*one.unknown_since, now);  // silent on its own from now on
  bool others = false;
  for (Companion& companion : state.companions.all())
    others = mark(companion.servers, dead, state.input, now) || others;
  return changed || others;
}

void want_family_controls(const Reading& reading, std::vector<ProbeDue>& wanted) {
  for (const Endpoint& control : reading.state.input.family_controls) {
    const ResolverTrack& track = reading.state.track_of(control);
    const bool v6 = control.address.is_v6();
    if (is_unrouted(reading.state, v6) || !heard_over(reading.state, v6).silent) continue;
    Time at = track.control_at ? *track.control_at + control_pause(track, reading) : reading.now;
    // A silence of all is laid to our own way out only when the root was asked since it began.
    const auto silent = silent_since(reading.state, control.address.is_v6());
    if (silent && track.control_at && *track.control_at < *silent) at = reading.now;
    wanted.push_back(control_due(control, track, reading, at));
  }
}

}  // namespace mxswitch::monitor
