#include "monitor/propagation/dot.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kSeldom = std::chrono::hours(1);
constexpr int kAgain = 4;     // times reprobe_second, after one that disagreed
constexpr int kBelieved = 3;  // such pauses long a disagreement holds back

Duration pause_of(const Policy& policy) { return policy.reprobe_second * kAgain; }

// Whichever of its caches did.
bool was_shown(const ResolverTrack& track, const MxSet& set, Time since) {
  const auto& all = track.caches.all();
  return std::any_of(all.begin(), all.end(), [&](const Cache& cache) {
    return cache.set == set && cache.received_at >= since;
  });
}

// Both ways answered when no cache could hold an earlier set any more.
bool is_comparable(const ResolverTrack& track, const DotSample& sample,
                   const ResolverContext& context) {
  const auto bound = context.bound.strict_until;
  return bound && sample.sent_at >= *bound && track.answered_at && *track.answered_at >= *bound &&
         is_conclusive(sample.outcome) && !sample.stale_marked && !track.stale_marked;
}

bool is_open(const DotTrack& dot) { return dot.differs > 0 && dot.differs < kDotSamples; }

}  // namespace

void note_dot(ResolverTrack& track, const DotSample& sample, const ResolverContext& context) {
  DotTrack& dot = track.dot;
  dot.asked_at = sample.received_at;
  dot.fault = sample.fault;
  if (!is_comparable(track, sample, context)) return;
  if (was_shown(track, sample.set, *context.bound.strict_until)) {
    dot.differs = 0;
    dot.agreed_at = sample.received_at;
    return;
  }
  dot.differs = std::min(dot.differs + 1, kDotSamples);
  dot.differed_at = sample.received_at;
  dot.over_udp = track.set;
  dot.over_tls = sample.set;
}

bool compares_dot(const probes::Resolver& resolver, const Reading& reading) {
  return reading.state.input.compares_dot && !resolver.dot_name.empty();
}

std::optional<Time> next_dot(const probes::Resolver& resolver, const ResolverTrack& track,
                             const Reading& reading) {
  const auto opens_at = reading.bound.opens_at, strict = reading.bound.strict_until;
  const bool sampling = opens_at && strict && reading.now >= *opens_at;
  if (!sampling || !compares_dot(resolver, reading) ||
      !track.counted(reading.now, reading.state.input.policy) || !track.answered_at ||
      *track.answered_at < *strict)
    return std::nullopt;
  const DotTrack& dot = track.dot;
  if (!dot.asked_at || *dot.asked_at < *opens_at) return reading.now;
  return *dot.asked_at + (is_open(dot) ? pause_of(reading.state.input.policy) : kSeldom);
}

std::optional<Reason> dot_doubt(const ResolverStanding& standing, const Reading& reading) {
  if (!compares_dot(*standing.resolver, reading)) return std::nullopt;
  const DotTrack& dot = standing.track->dot;
  const std::string who = resolver_label(*standing.resolver);
  if (!dot.asked_at || *dot.asked_at < *reading.bound.opens_at)
    return Reason{"dot-unasked", who + " was not asked by DNS over TLS yet", {}};
  const Duration pause = pause_of(reading.state.input.policy);
  if (!is_open(dot) || reading.now >= *dot.differed_at + pause * kBelieved) return std::nullopt;
  return Reason{
      "dot-differs",
      fmt::format("UDP and DNS over TLS disagree at {} ({} of {} samples that make it a "
                  "sign of interception): {} and {}",
                  who, dot.differs, kDotSamples, set_text(dot.over_udp), set_text(dot.over_tls)),
      *dot.asked_at + pause};
}

std::string dot_words(const ResolverTrack& track) {
  const DotTrack& dot = track.dot;
  if (!dot.asked_at) return "not asked yet";
  std::string words;
  if (dot.differs > 0)
    words = fmt::format(
        "disagrees with UDP in {} sample{} in a row, last {} over UDP and {} over TLS", dot.differs,
        dot.differs == 1 ? "" : "s", set_text(dot.over_udp), set_text(dot.over_tls));
  else if (dot.agreed_at)
    words = "agrees with UDP";
  if (dot.fault.empty()) return words.empty() ? "unknown: there was nothing to compare" : words;
  return (words.empty() ? "unknown: " : words + "; now unknown: ") + dot.fault;
}

}  // namespace mxswitch::monitor
