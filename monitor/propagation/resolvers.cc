#include "monitor/propagation/resolvers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace mxswitch::monitor {
namespace {

constexpr Duration kHour = std::chrono::hours(1);
constexpr int kFewQueries = 2;  // one says nothing about a failing resolver
constexpr Duration kIncoherence = seconds(60);
constexpr std::uint32_t kStaleTtl = 30;  // RFC 8767 section 4

constexpr int kFailuresUntilRest = 10;  // of the attempts that are kept

void note_attempt(ResolverTrack& track, bool failed) {
  track.attempts.push_back(failed ? 1 : 0);
  if (track.attempts.size() > kAttemptsKept) track.attempts.erase(track.attempts.begin());
}

int failures_of(const std::vector<int>& outcomes) {
  return std::accumulate(outcomes.begin(), outcomes.end(), 0);
}

void note_outcome(ResolverTrack& track, bool failed) {
  note_attempt(track, failed);
  // It answers again: what it failed while it was asked rarely says nothing of it now.
  if (!failed && track.failures_in_row > 1) track.outcomes.clear();
  track.outcomes.push_back(failed ? 1 : 0);
  if (track.outcomes.size() > kOutcomesKept) track.outcomes.erase(track.outcomes.begin());
  track.failures_in_row = failed ? track.failures_in_row + 1 : 0;
}

// Longer than `floor` it may be from before the watch: two operators that show that prove it.
void note_long_ttl(ResolverTrack& track, const ResolverSample& sample,
                   const ResolverContext& context, bool is_new, bool explained) {
  const auto given = context.given_ttl_of(sample.set);
  if (!given || sample.ttl <= *given + 1) return;
  if (!explained) {
    track.stretched_ttl = std::max(track.stretched_ttl, sample.ttl);
    track.given_ttl = *given;
  }
  if (is_new) {
    track.stretches = track.fetches_long = true;
  } else if (seconds(sample.ttl) > context.policy.floor) {
    if (!track.long_copy || sample.ttl > track.long_copy->ttl)
      track.long_copy = {sample.set, sample.ttl, sample.received_at};
  } else if (!explained) {
    track.stretches = true;
  }
}

void note_stretching(ResolverTrack& track, const ResolverSample& sample,
                     const ResolverContext& context, bool is_new, bool stale) {
  const bool explained =
      !is_new && is_from_before(sample.received_at + seconds(sample.ttl), context);
  if (!stale) note_long_ttl(track, sample, context, is_new, explained);
  const DrainBound& bound = context.unpaired;
  const bool holds = !is_new && !sample.set.empty();  // a negative answer keeps no record too long
  if (!holds || explained || !track.e0 || !bound.ended_at || !bound.strict_until) return;
  const Time kept = *bound.ended_at + seconds(context.old_ttl);
  if (sample.received_at >= std::min(*track.e0, kept) + context.policy.stretcher_after)
    track.stretches = true;
}

// E0: the E of the last old answer before u, else of the first one; later ones do not move it.
void note_e0(ResolverTrack& track, const ResolverSample& sample, const ResolverContext& context) {
  // An E0 before u says nothing: the cache may have fetched again while that was right.
  const bool draining = context.unpaired.strict_until.has_value();
  if (!draining || !track.e0 || *track.e0 < context.unpaired.ended_at)
    track.e0 = sample.received_at + seconds(sample.ttl);
}

void note_copy(ResolverTrack& track, const ResolverSample& sample) {
  const SeenCopy copy{sample.set, sample.ttl, sample.received_at};
  if (!track.old_copy || copy.expires_at() > track.old_copy->expires_at()) track.old_copy = copy;
}

void note_coherence(ResolverTrack& track, const ResolverSample& sample,
                    const ResolverContext& context) {
  const auto given = context.ttl_of(sample.set);
  if (!given || !context.last_old_before_change) return;
  const Time expires = sample.received_at + seconds(sample.ttl);
  const Time fetched = expires - seconds(std::min(*given, track.largest_ttl));
  if (fetched < *context.last_old_before_change - kIncoherence) track.incoherent_until = expires;
}

void note_new(ResolverTrack& track, const ResolverSample& sample, const ResolverContext& context) {
  track.not_new_in_row = 0;
  const bool spaced = track.new_sent.empty() ||
                      sample.sent_at - track.new_sent.back() >= context.policy.sample_spacing;
  if (spaced) track.new_sent.push_back(sample.sent_at);
  // A refreshing sample pushes the oldest out; more than are wanted says no more.
  if (track.new_sent.size() > static_cast<std::size_t>(samples_wanted(track, context)))
    track.new_sent.erase(track.new_sent.begin());
  note_coherence(track, sample, context);
}

bool draw_had_begun(const ResolverTrack& track, const ResolverContext& context) {
  return context.bound.strict_until && !track.new_sent.empty() &&
         track.new_sent.back() >= *context.bound.strict_until;
}

void note_not_new(ResolverTrack& track, const ResolverSample& sample,
                  const ResolverContext& context) {
  if (draw_had_begun(track, context)) track.failed_draws.push_back(sample.received_at);
  std::erase_if(track.failed_draws, [&](Time at) { return at <= sample.received_at - kHour; });
  track.new_sent.clear();
  track.not_new_at = sample.received_at;
  ++track.not_new_in_row;
  note_e0(track, sample, context);
}

}  // namespace

bool is_from_before(Time expires_at, const ResolverContext& context) {
  return context.bound.copies_until && expires_at <= *context.bound.copies_until;
}

bool is_stale_answer(const ResolverTrack& track, const ResolverSample& sample) {
  if (sample.stale_marked) return true;
  const auto& caches = track.caches.all();
  return sample.ttl <= kStaleTtl &&
         std::any_of(caches.begin(), caches.end(), [&](const Cache& cache) {
           return cache.set == sample.set && cache.expires_at <= sample.received_at;
         });
}

bool ResolverTrack::fails() const {
  const int failed = failures_of(outcomes);
  const int asked = static_cast<int>(outcomes.size());
  return asked >= kFewQueries && failed * 2 > asked;
}

void note_sample(ResolverTrack& track, const ResolverSample& sample,
                 const ResolverContext& context) {
  // While it backs off a SERVFAIL is not asked for its reason again.
  const bool still_bogus =
      sample.outcome == Outcome::servfail && track.bogus_at && track.bogus_at == track.last_at;
  if (sample.bogus_marked || still_bogus) track.bogus_at = sample.received_at;
  if (sample.filter_marked) track.filtered_at = sample.received_at;
  track.sent_at = sample.sent_at;
  track.last_at = sample.received_at;
  track.rtt = sample.received_at - sample.sent_at;
  track.outcome = sample.outcome;
  const AnswerClass found = context.classes.of(sample.outcome, sample.set);
  note_outcome(track, found == AnswerClass::failed);
  if (found == AnswerClass::failed) return;

  const bool stale = is_stale_answer(track, sample);
  track.answered_at = sample.received_at;
  track.set = sample.set;
  track.ttl = sample.ttl;
  track.nsid = sample.nsid;
  track.stale_marked = sample.stale_marked;
  track.through_cname = sample.through_cname;
  track.largest_ttl = std::max(track.largest_ttl, sample.ttl);
  track.caches.note(sample, context.classes, context.ttl_of);
  const bool is_new = found == AnswerClass::new_;
  if (found == AnswerClass::old || found == AnswerClass::mixed) track.held_earlier = true;
  if (is_new && sample.authenticated) track.authenticated_at = sample.received_at;
  if (is_new)
    note_new(track, sample, context);
  else
    note_not_new(track, sample, context);
  if (found == AnswerClass::old && !stale) note_copy(track, sample);
  note_stretching(track, sample, context, is_new, stale);
}

void forget_failures(ResolverTrack& track) {
  track.attempts.clear();
  track.outcomes.clear();
  track.failures_in_row = track.control_failures = 0;
}

Time retry_at(const ResolverTrack& track, const Policy& policy, bool last_seen_old) {
  const Time ended =
      std::max(track.last_at.value_or(Time::min()), track.control_at.value_or(Time::min()));
  const int failures = failures_of(track.attempts);
  const bool rests = failures >= kFailuresUntilRest && policy.failing_rest > Duration(0);
  if (rests && !last_seen_old) return ended + policy.failing_rest;
  Duration wait = policy.failing_retry;
  const int in_row = std::max(track.failures_in_row, track.control_failures);
  for (int i = 2; i < in_row && wait < policy.failing_most; ++i) wait *= 2;
  return ended + std::min(wait, policy.failing_most);
}

void note_control(ResolverTrack& track, const ControlSample& sample) {
  note_attempt(track, !sample.root_answered);
  track.control_at = sample.received_at;
  track.control_root_only = sample.root_only;
  track.control_failures = sample.root_answered ? 0 : track.control_failures + 1;
  if (!sample.root_answered || sample.root_only) return;
  track.control_answered_at = sample.received_at;
  track.lies = sample.lies;
  track.intercepted = sample.intercepted;
}

void note_identity(ResolverTrack& track, const IdentitySample& sample) {
  track.own_name.asked_at = sample.received_at;
  track.own_name.silent = !sample.answered;
  if (sample.answered) track.own_name.id_server = sample.id_server;
}

void restart_draw(ResolverTrack& track) {
  track.new_sent.clear();
  track.not_new_at.reset();
  track.not_new_in_row = 0;
  track.failed_draws.clear();
  track.e0.reset();
  track.authenticated_at.reset();
  track.incoherent_until.reset();
  track.old_copy.reset();
  track.long_copy.reset();
  track.dot = {};
}

std::string resolver_label(const probes::Resolver& resolver) {
  const std::string address = resolver.endpoint.text();
  return resolver.operator_name.empty() ? address
                                        : fmt::format("{} {}", resolver.operator_name, address);
}

}  // namespace mxswitch::monitor
