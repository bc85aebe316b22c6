#include "monitor/propagation/schedule.h"

#include <algorithm>

#include "monitor/propagation/dot.h"
#include "monitor/propagation/families.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kMostWhileDraining = seconds(300);
constexpr Duration kAfterFailure = seconds(10);  // until three rounds answered again
constexpr int kPollsOfOldTtl = 288;
constexpr Duration kCarefulAfterReady = std::chrono::hours(1);
constexpr Duration kControlBefore = std::chrono::minutes(10);
constexpr Duration kIdentityEvery = std::chrono::hours(2);
constexpr Duration kIdentityLost = std::chrono::minutes(2);  // it may wait for others' questions
constexpr int kMostSeedTries = 3;
// Before the drain is over, answers that are new or that fail decide nothing: they are asked for
// with a patience that grows to so many times the ordinary one.
constexpr int kUnhurried = 4;
constexpr int kMostUnhurried = 6;

bool rounds_complete(const Reading& reading) {
  for (const AuthorityState& state : reading.state.authorities.all())
    if (is_judged(state, reading.state.input, reading.now) && state.new_rounds < kRounds)
      return false;
  return true;
}

// `first`, doubled for each failure after the first, at most `most`.
Duration backoff(Duration first, Duration most, int failures) {
  Duration wait = first;
  for (int i = 1; i < failures && wait < most; ++i) wait *= 2;
  return std::min(wait, most);
}

Duration retry(const Policy& policy, int failures) {
  return backoff(policy.reprobe_second, policy.reprobe_most, failures);
}

Time next_poll(const AuthorityState& state, const Reading& reading, Duration interval) {
  const Policy& policy = reading.state.input.policy;
  if (!state.polled_at) return reading.now;
  if (state.lame_before || state.spoken_for_since)
    return *state.polled_at + std::max(interval, kMostWhileDraining);
  if (state.answers_in_row < kRounds &&
      state.reach(reading.now) != AuthorityReport::Reach::unreachable)
    return *state.polled_at + std::min({interval, policy.authority_poll, kAfterFailure});
  if (state.failed_polls > 0 || !state.first_answer_at)
    return *state.polled_at + std::min(interval, policy.authority_poll);
  return *state.polled_at + interval;
}

bool is_stale(const ResolverTrack& track, const Reading& reading) {
  return track.answered_at && reading.classes.of(track.set) != AnswerClass::new_;
}

// After the expiry of a cache that holds an earlier set; then with growing patience, because a
// stale answer's TTL says nothing (RFC 8767 section 4).
Time after_stale(const ResolverTrack& track, const ResolverStanding& standing,
                 const Policy& policy) {
  const Time expiry = standing.stale_expires_at.value_or(*track.answered_at + seconds(track.ttl));
  Time next = expiry + policy.reprobe_first;
  if (track.not_new_in_row > 1)
    next = std::max(next, *track.last_at + retry(policy, track.not_new_in_row - 1));
  return next;
}

Time while_draining(const ResolverTrack& track, const ResolverStanding& standing,
                    const Reading& reading) {
  const Policy& policy = reading.state.input.policy;
  if (!track.last_at) return reading.now;
  const Duration most = policy.reprobe_most * kMostUnhurried;
  if (track.failures_in_row > 0) return *track.last_at + policy.failing_retry;
  if (is_stale(track, reading)) return after_stale(track, standing, policy);
  const Time expiry = *track.answered_at + seconds(track.ttl) + policy.reprobe_first;
  const auto in_row = static_cast<int>(track.new_sent.size());
  return std::max(expiry,
                  *track.last_at + backoff(policy.reprobe_second * kUnhurried, most, in_row));
}

Time while_sampling(const ResolverTrack& track, const ResolverStanding& standing,
                    const Reading& reading) {
  const Policy& policy = reading.state.input.policy;
  if (!track.sent_at) return reading.now;
  const Time spaced = *track.sent_at + policy.sample_spacing;
  // The K samples after its expiry settle what a cache that was seen old holds now.
  if (standing.stale_expires_at &&
      (is_stale(track, reading) || reading.now < *standing.stale_expires_at))
    return std::max(spaced, after_stale(track, standing, policy));
  if (track.failed_draws.size() >= static_cast<std::size_t>(kMostDraws))
    return std::max(spaced, track.failed_draws.front() + std::chrono::hours(1));
  // A cache that so many samples missed is gone or hard to meet: no hurry, and no end either.
  if (standing.unmet) return std::max(spaced, *track.answered_at + policy.reprobe_most);
  if (track.failures_in_row > 0 || !track.answered_at || standing.stale_caches > 0 ||
      standing.new_samples < samples_wanted(track, reading.context))
    return spaced;
  return *track.answered_at + refresh_after(policy);
}

std::optional<Time> next_sample(const ResolverTrack& track, const ResolverStanding& standing,
                                const Reading& reading) {
  if (!reading.state.change_started_at) return std::nullopt;
  const auto opens_at = reading.bound.opens_at;
  if (opens_at && reading.now >= *opens_at) return while_sampling(track, standing, reading);
  const Time next = while_draining(track, standing, reading);
  return opens_at ? std::min(next, std::max(reading.now, *opens_at)) : next;
}

std::optional<Time> next_seed(const ResolverTrack& track, const Reading& reading) {
  const bool wanted = reading.state.input.policy.seed && !track.seeded &&
                      track.seed_tries < kMostSeedTries && !reading.state.change_started_at &&
                      reading.state.authorities.any_answered();
  if (!wanted) return std::nullopt;
  if (track.seed_tries == 0 || !track.last_at) return reading.now;
  return *track.last_at + reading.state.input.policy.reprobe_second;
}

std::optional<Time> next_control(const ResolverTrack& track, const Reading& reading) {
  if (!reading.bound.strict_until) return std::nullopt;
  const Time from = *reading.bound.opens_at - kControlBefore;
  if (!track.control_at) return std::max(from, Time());
  const Duration pause = track.control_root_only ? reading.state.input.policy.failing_retry
                                                 : control_pause(track, reading);
  return std::max(from, *track.control_at + pause);
}

// Only one that counts and gives no NSID is asked for its name.
std::optional<Time> next_identity(const ResolverTrack& track, const Reading& reading) {
  const bool wanted = track.counted(reading.now, reading.state.input.policy) && track.answered_at &&
                      track.nsid.empty();
  if (!wanted) return std::nullopt;
  const OwnName& own = track.own_name;
  if (!own.asked_at) return reading.now;
  return *own.asked_at + (own.silent ? kControlBefore : kIdentityEvery);
}

// One that fails is asked one question a turn: about the owner, about a control name, and so on.
void want_retry(const Endpoint& resolver, const ResolverTrack& track,
                const ResolverStanding& standing, const Reading& reading,
                std::vector<ProbeDue>& wanted) {
  const bool old =
      standing.last_class == AnswerClass::old || standing.last_class == AnswerClass::mixed;
  const Time at = retry_at(track, reading.state.input.policy, old);
  const auto control = next_control(track, reading);
  const bool controlled = control && track.control_at && *track.control_at > track.last_at;
  const bool sampled = reading.state.change_started_at.has_value();
  ProbeDue due;
  if (control && (!controlled || !sampled))
    due = control_due(resolver, track, reading, at);
  else if (sampled)
    due = {ProbeKind::resolver, resolver, {}, at};
  else if (next_seed(track, reading))
    due = {ProbeKind::seed, resolver, {}, at};
  else
    return;
  due.sparing = true;
  wanted.push_back(std::move(due));
}

// Another owner's answer counts as a poll of our own: it is later than what we know, it is not
// from before the change or the last look, and rounds stay apart.
Time fresh_since(const CompanionServer& server, const Reading& reading, Duration interval,
                 std::optional<Time> recheck) {
  const PropagationState& state = reading.state;
  Time since = reading.now - std::min(interval, state.input.policy.authority_poll) / 2;
  if (server.polled_at) since = std::max(since, *server.polled_at + Duration(1));
  if (const auto announced = state.input.changed_at; announced && *announced <= reading.now)
    since = std::max(since, *announced);
  for (const auto& at : {state.change_started_at, recheck})
    if (at) since = std::max(since, *at);
  return since;
}

void want_companions(const Reading& reading, Duration interval, std::optional<Time> recheck,
                     std::vector<ProbeDue>& wanted) {
  const PropagationState& state = reading.state;
  const bool active = state.active(reading.now);
  // Before the gate opens a late change must be seen as soon as one of the MX is.
  const auto strict = reading.bound.strict_until;
  const bool closing = strict && reading.now >= *strict;
  for (const Companion& companion : state.companions.all()) {
    if (!companion.listed) continue;
    for (const CompanionServer& server : companion.servers) {
      if (server.left_at) continue;
      Time at = next_companion_poll(server, state.input.policy, interval, active, reading.now);
      if (closing && server.polled_at && !server.lame_before)
        at = std::min(at, *server.polled_at + interval);
      if (recheck && server.polled_at && *server.polled_at < *recheck) at = *recheck;
      wanted.push_back({ProbeKind::companion, server.address.endpoint, server.address.server, at,
                        companion.name, companion.type,
                        fresh_since(server, reading, interval, recheck)});
    }
  }
}

}  // namespace

Duration control_pause(const ResolverTrack& track, const Reading& reading) {
  const Policy& policy = reading.state.input.policy;
  if (track.control_failures > 0) return retry(policy, track.control_failures);
  return control_valid(policy) * 2 / 3;  // leaves time to ask again
}

ProbeDue control_due(const Endpoint& endpoint, const ResolverTrack& track, const Reading& reading,
                     Time at) {
  ProbeDue due{ProbeKind::control, endpoint, {}, at};
  due.fresh_since = reading.now - control_valid(reading.state.input.policy) / 3;
  if (track.control_at)
    due.fresh_since = std::max(due.fresh_since, *track.control_at + Duration(1));
  return due;
}

Duration authority_interval(const Reading& reading) {
  const Policy& policy = reading.state.input.policy;
  if (!reading.state.active(reading.now)) return policy.authority_poll_before;
  if (!rounds_complete(reading) || !reading.bound.strict_until) return policy.authority_poll;
  if (reading.now < *reading.bound.strict_until) {
    // Only a TTL that was seen allows for patience: without one the change may still be to come.
    const PropagationState& state = reading.state;
    const auto seen = state.versions.largest_ttl_other_than(state.input.expected);
    const Duration share = Duration(seconds(seen.value_or(0))) / kPollsOfOldTtl;
    return std::min(kMostWhileDraining, std::max(policy.authority_poll, share));
  }
  const auto ready = reading.state.ready_since;
  return ready && reading.now >= *ready + kCarefulAfterReady ? policy.authority_poll_done
                                                             : policy.authority_poll;
}

std::vector<ProbeDue> wanted_probes(const Reading& reading) {
  std::vector<ProbeDue> wanted;
  const Duration interval = authority_interval(reading);
  std::optional<Time> recheck = reading.state.look_from;
  if (!reading.state.ready_since && phase_of(reading) == Phase::confirming)
    recheck = std::max(recheck, recheck_from(reading, reading.standings()));
  for (const AuthorityState& state : reading.state.authorities.all()) {
    const bool again = recheck && (!state.sent_at || *state.sent_at < *recheck);
    wanted.push_back({ProbeKind::authority, state.address.endpoint, state.address.server,
                      again ? *recheck : next_poll(state, reading, interval),
                      reading.state.mx_name()});
  }
  want_companions(reading, interval, recheck, wanted);
  want_family_controls(reading, wanted);
  for (const probes::Resolver& resolver : reading.state.input.resolvers) {
    const ResolverTrack& track = reading.state.track_of(resolver.endpoint);
    const ResolverStanding standing = judge_resolver(resolver, track, reading.context, reading.now);
    if (track.backs_off()) {
      want_retry(resolver.endpoint, track, standing, reading, wanted);
      continue;
    }
    if (const auto at = next_control(track, reading))
      wanted.push_back(control_due(resolver.endpoint, track, reading, *at));
    if (const auto at = next_dot(resolver, track, reading))
      wanted.push_back({ProbeKind::dot, resolver.endpoint, {}, *at});
    if (const auto at = next_identity(track, reading))
      wanted.push_back({ProbeKind::identity, resolver.endpoint, {}, *at});
    if (const auto at = next_seed(track, reading))
      wanted.push_back({ProbeKind::seed, resolver.endpoint, {}, *at});
    if (const auto at = next_sample(track, standing, reading))
      wanted.push_back({ProbeKind::resolver, resolver.endpoint, {}, *at});
  }
  return wanted;
}

Time lost_at(const ProbeDue& probe, const Policy& policy, Time started) {
  if (probe.kind == ProbeKind::identity) return started + kIdentityLost;
  const bool poll = probe.kind == ProbeKind::authority || probe.kind == ProbeKind::companion;
  const int tries = poll ? 3 : 2;
  return started + policy.query_deadline * tries + seconds(2);
}

}  // namespace mxswitch::monitor
