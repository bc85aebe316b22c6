#include "monitor/propagation/blackouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "monitor/propagation/gaps.h"
#include "monitor/propagation/state.h"

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostBlackouts = 20;

// The way out began to work again meanwhile: only from then on was it the servers' silence.
Time silent_from(const Silence& silence, const Uplink& uplink) {
  return std::max(*silence.since, uplink.back_at.value_or(*silence.since));
}

bool is_blackout(const Silence& silence, const Uplink& uplink, Time now) {
  return silence.complete && !uplink.dead_since && now - silent_from(silence, uplink) >= kBlackout;
}

void keep(PropagationState& state, Blackout blackout) {
  state.blackouts.push_back(std::move(blackout));
  if (state.blackouts.size() > kMostBlackouts) state.blackouts.erase(state.blackouts.begin());
  ++state.revision;
}

Blackout blackout_of(const SilentZone& key, const Silence& silence, const Uplink& uplink, Time to) {
  return {key.zone,
          fmt::format("nobody answered for {} over {}", key.shown,
                      probes::IpAddress::family_name(key.v6)),
          silent_from(silence, uplink), to};
}

void end_uplink_gap(PropagationState& state, bool v6, Time now) {
  Uplink& uplink = state.uplinks[v6];
  note_uplink_gap(state, probes::IpAddress::family_name(v6), now - *uplink.dead_since, now);
  uplink = {{}, now};
  for (auto& [endpoint, track] : state.tracks)
    if (endpoint.address.is_v6() == v6) forget_failures(track);
}

void end_silence(PropagationState& state, const SilentZone& key, Time now) {
  const auto found = state.silences.find(key);
  Uplink& uplink = state.uplinks[key.v6];
  if (found != state.silences.end()) {
    if (is_blackout(found->second, uplink, now))
      keep(state, blackout_of(key, found->second, uplink, now));
    state.silences.erase(found);
  }
  if (uplink.dead_since) end_uplink_gap(state, key.v6, now);
}

// A zone's servers, as the silence of all is judged.
struct Poll {
  Time sent_at, received_at;
  bool answered;
  bool all_failed;
};

void note_poll(PropagationState& state, const SilentZone& key, const Poll& poll) {
  if (poll.answered) return end_silence(state, key, poll.received_at);
  Silence& silence = state.silences[key];
  if (!silence.since) silence.since = poll.sent_at;
  silence.complete = poll.all_failed;
}

bool is_over(const Endpoint& endpoint, bool v6) { return endpoint.address.is_v6() == v6; }

}  // namespace

void follow_silence(PropagationState& state, const AuthoritySample& sample) {
  const auto& all = state.authorities.all();
  const bool v6 = sample.endpoint.address.is_v6();
  const auto counts = [&](const AuthorityState& one) {
    return is_over(one.address.endpoint, v6) && is_judged(one, state.input, sample.received_at);
  };
  const AuthorityState* polled = state.authorities.find({sample.server, sample.endpoint});
  if (!polled || !counts(*polled)) return;
  const bool all_failed = std::all_of(all.begin(), all.end(), [&](const AuthorityState& one) {
    return !counts(one) || one.failed_polls > 0;
  });
  note_poll(state, {"", state.mx_name().text(), v6},
            {sample.sent_at, sample.received_at, polled->failed_polls == 0, all_failed});
}

void follow_silence(PropagationState& state, const CompanionSample& sample) {
  const bool v6 = sample.endpoint.address.is_v6();
  for (const Companion& one : state.companions.all()) {
    if (one.name != sample.name || one.type != sample.type) continue;
    const CompanionServer* polled = nullptr;
    bool all_failed = true;
    for (const CompanionServer& server : one.servers) {
      if (!is_over(server.address.endpoint, v6) || !is_judged(server, state.input)) continue;
      all_failed = all_failed && server.failed_polls > 0;
      if (server.address == AuthorityAddress{sample.server, sample.endpoint}) polled = &server;
    }
    if (polled)
      note_poll(state, {one.label(), one.label(), v6},
                {sample.sent_at, sample.received_at, polled->failed_polls == 0, all_failed});
  }
}

bool follow_uplink(PropagationState& state, bool v6, Time now) {
  bool controlled = false, answers = false;
  for (const Endpoint& control : state.input.family_controls) {
    if (!is_over(control, v6)) continue;
    const ResolverTrack& track = state.track_of(control);
    controlled = true;
    answers = answers || track.control_failures == 0;
  }
  Uplink& uplink = state.uplinks[v6];
  const auto silent = silent_since(state, v6);
  const bool dead = controlled && !answers && silent;
  if (dead == uplink.dead_since.has_value()) return false;
  if (!dead && !answers) return false;
  if (dead) {
    uplink.dead_since = silent;
    return true;
  }
  end_uplink_gap(state, v6, now);
  return true;
}

void follow_signatures(PropagationState& state, Time now) {
  std::set<std::string> refusing;
  for (const probes::Resolver& resolver : state.input.resolvers) {
    const ResolverTrack& track = state.track_of(resolver.endpoint);
    if (track.bogus_at && track.bogus_at == track.last_at) refusing.insert(resolver.operator_name);
  }
  if (refusing.size() >= 2) {
    if (!state.bogus_since) state.bogus_since = now;
    return;
  }
  if (state.bogus_since && now - *state.bogus_since >= kBlackout)
    keep(state, {"", "validating resolvers refused every answer", *state.bogus_since, now});
  state.bogus_since.reset();
}

std::vector<Blackout> blackouts_at(const PropagationState& state, Time now) {
  std::vector<Blackout> all = state.blackouts;
  for (const auto& [key, silence] : state.silences) {
    const Uplink& uplink = state.uplinks[key.v6];
    if (is_blackout(silence, uplink, now)) all.push_back(blackout_of(key, silence, uplink, now));
  }
  if (state.bogus_since && now - *state.bogus_since >= kBlackout)
    all.push_back({"", "validating resolvers refuse every answer", *state.bogus_since, now});
  return all;
}

std::optional<Time> silent_since(const PropagationState& state, bool v6) {
  std::optional<Time> since;
  for (const auto& [key, silence] : state.silences)
    if (key.v6 == v6 && silence.complete)
      since = std::min(since.value_or(*silence.since), *silence.since);
  return since;
}

}  // namespace mxswitch::monitor
