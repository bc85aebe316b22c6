// Where each resolver stands in condition C.
#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/confidence.h"
#include "monitor/propagation/resolvers.h"
#include "probes/base/time_text.h"
#include "probes/dns/source_ports.h"

namespace mxswitch::monitor {
namespace {

// A cache that was seen old after the bound did not keep to TTLs, so that its E says nothing:
// then the samples at its farm must find it again if it is stale, or nearly so.
constexpr int kUnknownFarm = 8;
constexpr double kSure = 0.999;
// Where that went wrong once, a farm that does not name its caches may choose by a hash of our
// source ports, of which only one leads to that cache.
constexpr int kPorts = probes::kSourcePorts;

int samples_since(const ResolverTrack& track, Time since) {
  return static_cast<int>(std::count_if(track.new_sent.begin(), track.new_sent.end(),
                                        [&](Time sent) { return sent >= since; }));
}

bool is_current(const Cache& cache, const ResolverTrack& track, const ResolverContext& context) {
  const bool is_new = context.classes.of(cache.set) == AnswerClass::new_;
  if (!is_new) return is_unresolved(cache, track, context);
  return cache.expires_at > *track.answered_at || cache.received_at == *track.answered_at;
}

// A new answer of the very cache, after the expiry of what it was last seen to hold.
bool was_met_again(const Cache& cache, const ResolverTrack& track, const ResolverContext& context) {
  const auto& all = track.caches.all();
  return std::any_of(all.begin(), all.end(), [&](const Cache& other) {
    return other.nsid == cache.nsid && other.received_at >= cache.expires_at &&
           context.classes.of(other.set) == AnswerClass::new_;
  });
}

// One that has a name (NSID, RFC 5001) was last seen with another set: samples of its neighbours
// say nothing of it.
bool is_missing(const Cache& cache, const ResolverTrack& track, const ResolverContext& context) {
  return !cache.nsid.empty() && context.classes.of(cache.set) != AnswerClass::new_ &&
         !was_met_again(cache, track, context);
}

// If it held that when none might any more, it is stuck until it is met again. What the others held
// expired by itself, and a farm of hundreds is not met twice: samples that would find it in a
// farm of those that were met are enough.
bool must_be_met(const Cache& cache, const ResolverTrack& track, const ResolverContext& context) {
  const auto bound = context.bound.strict_until;
  return bound && cache.received_at >= *bound && is_missing(cache, track, context);
}

// One that so many samples since its expiry did not meet: gone, or asked by nobody here.
const Cache* unmet_cache(const ResolverTrack& track, const ResolverContext& context) {
  for (const Cache& cache : track.caches.all())
    if (must_be_met(cache, track, context) &&
        samples_since(track, cache.expires_at) >= samples_wanted(track, context))
      return &cache;
  return nullptr;
}

void read_caches(ResolverStanding& standing, const ResolverContext& context) {
  const ResolverTrack& track = *standing.track;
  if (!track.answered_at) return;
  std::optional<AnswerClass> worst, best;
  for (const Cache& cache : track.caches.all()) {
    ++(cache.warm ? standing.warm_caches : standing.cold_caches);
    standing.warm = standing.warm || cache.warm;
    if (!is_current(cache, track, context)) continue;
    const AnswerClass found = context.classes.of(cache.set);
    worst = worst ? worse(*worst, found) : found;
    best = best && worse(*best, found) == *best ? found : best.value_or(found);
    if (found == AnswerClass::new_) continue;
    ++standing.stale_caches;
    standing.stale_expires_at =
        std::max(standing.stale_expires_at.value_or(cache.expires_at), cache.expires_at);
  }
  if (standing.stale_caches > 0) standing.unmet = unmet_cache(track, context);
  standing.last_class = worst.value_or(context.classes.of(track.set));
  standing.split = worst && best && *worst != *best;
}

bool is_drawn_out(const ResolverTrack& track, Time now) {
  return track.failed_draws.size() >= static_cast<std::size_t>(kMostDraws) &&
         now < track.failed_draws.front() + std::chrono::hours(1);
}

bool still_old(const ResolverStanding& standing, Time threshold) {
  const ResolverTrack& track = *standing.track;
  return standing.stale_caches > 0 &&
         ((track.not_new_at && *track.not_new_at >= threshold) ||
          *standing.stale_expires_at > threshold || track.failures_in_row > 0 || standing.unmet);
}

// A copy that nothing from before the watch explains, while no other operator shows such a one.
bool is_stretched(const ResolverTrack& track, const ResolverContext& context) {
  return track.long_copy && !context.bound.copies_seen &&
         !is_from_before(track.long_copy->expires_at(), context);
}

void find_violation(ResolverStanding& standing, const ResolverContext& context, Time now) {
  const ResolverTrack& track = *standing.track;
  // Without an E0 since time began anew (a restart, another plan), what it held before then counts.
  const auto e0 = track.e0 ? track.e0 : standing.stale_expires_at;
  const auto bound = context.unpaired.strict_until;
  if (!bound || !e0) return;
  Duration wait = context.policy.violator_after;
  if (context.is_in_pair(standing.resolver->endpoint))
    wait = std::max<Duration>(wait, seconds(context.old_ttl));
  const Time after = std::max(*bound, *e0 + wait);
  // Nobody asks one that was drawn out; what its draws ended in stands meanwhile.
  standing.violator = now >= after && (still_old(standing, after) || is_drawn_out(track, now));
}

std::string stretch_text(const ResolverStanding& standing) {
  const ResolverTrack& track = *standing.track;
  if (track.stretched_ttl == 0)
    return fmt::format("{} keeps records longer than the authority allowed",
                       resolver_label(*standing.resolver));
  return fmt::format("{} keeps records {} s although the authority gave {} s",
                     resolver_label(*standing.resolver), track.stretched_ttl, track.given_ttl);
}

Reason drawn_out(const ResolverStanding& standing) {
  const auto& draws = standing.track->failed_draws;
  return {"stale-cache",
          fmt::format("stale cache {}: {} draws in an hour ended in an earlier set",
                      resolver_label(*standing.resolver), draws.size()),
          draws.front() + std::chrono::hours(1)};
}

// What it was last seen to hold, and why nothing newer is known.
Reason violation(const ResolverStanding& standing, Time now) {
  const ResolverTrack& track = *standing.track;
  const std::string who = resolver_label(*standing.resolver);
  std::string what =
      fmt::format("{} still holds {} long after it should have expired", who, set_text(track.set));
  if (const Cache* unmet = standing.unmet)
    what = fmt::format(
        "cache {} of {} was last seen with {} at {}, and {} samples since then met "
        "only others",
        unmet->nsid, who, set_text(unmet->set), format_moment(unmet->received_at, now),
        track.new_sent.size());
  else if (track.failures_in_row > 0)
    what = fmt::format("{} was last seen with {} at {} and does not answer since", who,
                       set_text(track.set), format_moment(*track.answered_at, now));
  return {"violator", fmt::format("Violator: {}; waive it by name or wait", what),
          standing.stale_expires_at};
}

Reason held_back(const ResolverStanding& standing, Time now) {
  const ResolverTrack& track = *standing.track;
  const std::string who = resolver_label(*standing.resolver);
  const std::string expiry = format_moment(*standing.stale_expires_at, now);
  const auto until = standing.stale_expires_at;
  if (standing.violator) return violation(standing, now);
  if (standing.unmet)
    return {"stale-cache",
            fmt::format("cache {} of {} was last seen with {} and must be met again",
                        standing.unmet->nsid, who, set_text(standing.unmet->set)),
            {}};
  if (standing.stretcher)
    return {"stretcher",
            fmt::format("Stretcher: {}; its copy expires {}", stretch_text(standing), expiry),
            until};
  if (track.failed_draws.size() >= static_cast<std::size_t>(kMostDraws)) return drawn_out(standing);
  switch (standing.last_class) {
    case AnswerClass::absent:
      return {"resolver-absent", fmt::format("{} answers that there is no MX", who), until};
    case AnswerClass::foreign:
      return {"resolver-foreign",
              fmt::format("{} answers neither the old nor the expected set", who), until};
    default:
      return {standing.split ? "split" : "stale-cache",
              fmt::format("{} {} the old set; that copy expires {}", who,
                          standing.split ? "has a cache that holds" : "still holds", expiry),
              until};
  }
}

enum class Shortfall { none, drawn_out, samples, validity };

Shortfall shortfall_of(const ResolverStanding& standing, const ResolverContext& context, Time now) {
  const ResolverTrack& track = *standing.track;
  if (is_drawn_out(track, now)) return Shortfall::drawn_out;
  if (standing.new_samples < samples_wanted(track, context)) return Shortfall::samples;
  return now - *track.answered_at > context.policy.validity ? Shortfall::validity : Shortfall::none;
}

std::optional<Reason> shortfall(const ResolverStanding& standing, const ResolverContext& context,
                                Time now) {
  const int wanted = samples_wanted(*standing.track, context);
  const std::string who = resolver_label(*standing.resolver);
  switch (shortfall_of(standing, context, now)) {
    case Shortfall::drawn_out:
      return drawn_out(standing);
    case Shortfall::samples:
      return Reason{"samples",
                    fmt::format("{} of {} samples at {}", standing.new_samples, wanted, who),
                    std::max(now, *context.bound.opens_at) +
                        context.policy.sample_spacing * (wanted - standing.new_samples)};
    case Shortfall::validity:
      return Reason{"validity",
                    fmt::format("{} answered last at {}", who,
                                format_moment(*standing.track->answered_at, now)),
                    {}};
    case Shortfall::none:
      break;
  }
  return std::nullopt;
}

}  // namespace

int samples_wanted(const ResolverTrack& track, const ResolverContext& context) {
  const int k = std::max(1, context.policy.k);
  const auto caches = static_cast<int>(track.caches.all().size());
  const auto bound = context.bound.strict_until;
  const bool beyond = bound && track.not_new_at && *track.not_new_at >= *bound;
  if (caches < 2) return k;
  const auto& all = track.caches.all();
  const bool thorough = beyond || track.stretches || track.long_copy ||
                        std::any_of(all.begin(), all.end(), [&](const Cache& cache) {
                          return is_missing(cache, track, context);
                        });
  if (!thorough) return k;
  const bool named = std::any_of(all.begin(), all.end(),
                                 [&](const Cache& one) { return one.nsid != all.front().nsid; });
  const int shares = track.failed_draws.empty() || named ? std::max(caches, kUnknownFarm) : kPorts;
  return std::max(k, samples_to_find_one(shares, kSure));
}

bool is_unresolved(const Cache& cache, const ResolverTrack& track, const ResolverContext& context) {
  if (context.classes.of(cache.set) == AnswerClass::new_) return false;
  if (must_be_met(cache, track, context)) return true;
  return samples_since(track, cache.expires_at) < samples_wanted(track, context);
}

ResolverStanding judge_resolver(const probes::Resolver& resolver, const ResolverTrack& track,
                                const ResolverContext& context, Time now) {
  ResolverStanding standing;
  standing.resolver = &resolver;
  standing.track = &track;
  standing.counted = track.counted(now, context.policy);
  standing.waived = track.waived(now);
  standing.stretcher = track.stretches || is_stretched(track, context);
  read_caches(standing, context);
  find_violation(standing, context, now);
  if (context.bound.strict_until)
    standing.new_samples = samples_since(track, *context.bound.strict_until);
  standing.failed = standing.counted && track.fails();
  standing.falls_short =
      standing.stale_caches > 0 ||
      (context.bound.opens_at && shortfall_of(standing, context, now) != Shortfall::none);
  standing.passed = standing.counted && context.bound.opens_at && !standing.falls_short;
  return standing;
}

namespace {

bool looks_filtered(const ResolverStanding& standing) {
  const ResolverTrack& track = *standing.track;
  if (!standing.counted || standing.waived || track.held_earlier) return false;
  const bool marked = track.filtered_at && track.filtered_at == track.last_at;
  const bool absent = track.answered_at && track.set.empty();
  return marked || absent;
}

}  // namespace

void exclude_filters(std::vector<ResolverStanding>& standings, const Classifier& classes) {
  const auto& earlier = classes.old_sets();
  if (std::any_of(earlier.begin(), earlier.end(), [](const MxSet& set) { return set.empty(); }))
    return;
  const auto counted = std::count_if(standings.begin(), standings.end(),
                                     [](const auto& one) { return one.counted; });
  const auto filtering = std::count_if(standings.begin(), standings.end(), looks_filtered);
  if (filtering * 5 >= counted) return;
  for (ResolverStanding& one : standings) {
    if (!looks_filtered(one)) continue;
    one.filter = true;
    one.counted = one.passed = one.falls_short = one.failed = one.split = one.violator = false;
    one.stale_caches = one.warm_caches = one.cold_caches = 0;
    one.stale_expires_at.reset();
    one.unmet = nullptr;
  }
}

std::optional<Reason> reason_of(const ResolverStanding& standing, const ResolverContext& context,
                                Time now) {
  if (standing.stale_caches > 0) return held_back(standing, now);
  if (standing.falls_short) return shortfall(standing, context, now);
  return std::nullopt;
}

}  // namespace mxswitch::monitor
