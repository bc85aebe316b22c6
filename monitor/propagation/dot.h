// UDP and DNS over TLS compared, at the resolvers whose name is known (PROPAGATION.md 2 D): who
// proves its name answers itself, so where UDP goes on saying something else, something on the way
// says it. Once the drain is over no cache that keeps to TTLs holds another set than the expected
// one, and what a cache may explain is no sign: an answer that is marked as stale, and a set that
// UDP showed too since then. Where TLS can't be had, nothing is concluded. Pure.
#pragma once

#include <optional>
#include <string>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

inline constexpr int kDotSamples = 3;  // that disagree in a row are a sign

void note_dot(ResolverTrack& track, const DotSample& sample, const ResolverContext& context);
inline bool is_dot_sign(const ResolverTrack& track) { return track.dot.differs >= kDotSamples; }

bool compares_dot(const probes::Resolver& resolver, const Reading& reading);
// None before sampling began and UDP was answered.
std::optional<Time> next_dot(const probes::Resolver& resolver, const ResolverTrack& track,
                             const Reading& reading);
// Why the resolver can't carry the verdict yet: it was not asked since sampling began, or its last
// answers disagree and too few to be sure. Ends by itself when TLS can't be had any more.
std::optional<Reason> dot_doubt(const ResolverStanding& standing, const Reading& reading);
std::string dot_words(const ResolverTrack& track);

}  // namespace mxswitch::monitor
