#include "monitor/propagation/state.h"

#include <algorithm>

#include "monitor/propagation/families.h"
#include "monitor/propagation/suspects.h"

namespace mxswitch::monitor {
namespace {

void add_once(std::vector<MxSet>& sets, const MxSet& set) {
  if (std::find(sets.begin(), sets.end(), set) == sets.end()) sets.push_back(set);
}

// Recorded earlier sets: declared, first served by an endpoint while nothing is declared, or
// left by one, or expected by an earlier plan. A set that is being served for the first time is
// judged by its content.
Classifier classifier_of(const PropagationState& state) {
  std::vector<MxSet> sets;
  if (state.input.declared_old) add_once(sets, *state.input.declared_old);
  for (const MxSet& set : state.once_expected) add_once(sets, set);
  for (const AuthorityState& authority : state.authorities.all())
    if (authority.first_answer_at && !state.input.declared_old) add_once(sets, authority.first_set);
  for (const Version& version : state.versions.all())
    if (version.ended_at || version.retired_at) add_once(sets, version.set);
  return {state.input.expected, std::move(sets)};
}

// The TTL that the authorities gave: through an alias no answer shows more than the links allow.
std::optional<std::uint32_t> given_ttl_of(const PropagationState& state, const MxSet& set) {
  const auto given = state.versions.largest_ttl(set);
  const auto links = state.companions.alias_ttl();
  return given && links ? std::min(*given, *links) : given;
}

HeldCopy held(const probes::Resolver& resolver, const SeenCopy& copy) {
  return {resolver.operator_name, resolver_label(resolver), copy};
}

// One that fetches with too long a TTL now says nothing of the time before; a waiver withdraws
// what a resolver showed.
EarlierCopies copies_of(const PropagationState& state, Time now) {
  EarlierCopies copies;
  for (const probes::Resolver& resolver : state.input.resolvers) {
    const ResolverTrack& track = state.track_of(resolver.endpoint);
    if (track.fetches_long || track.lies || track.waived(now)) continue;
    if (track.old_copy) copies.old.push_back(held(resolver, *track.old_copy));
    const auto given = track.long_copy ? given_ttl_of(state, track.long_copy->set) : std::nullopt;
    if (given && track.long_copy->set != state.input.expected && track.long_copy->ttl > *given + 1)
      copies.longer.push_back(held(resolver, *track.long_copy));
  }
  return copies;
}

DrainBound bound_of(const PropagationState& state, const Classifier& classes, Time now,
                    std::vector<UnseenAuthority> pairs) {
  const DrainFacts facts{
      state.input,      state.authorities, state.versions,        classes,
      std::move(pairs), &state.companions, copies_of(state, now), blackouts_at(state, now)};
  return judge_drain(facts, now);
}

// v, as resolvers are judged by it: what was seen and what is declared, or the bound of section
// 2 B when the watch began after the change.
std::uint32_t old_ttl_of(const PropagationState& state) {
  const auto declared = state.input.declared_old_ttl;
  const auto seen = state.versions.largest_ttl_other_than(state.input.expected);
  if (!seen) return static_cast<std::uint32_t>(declared.value_or(kUnknownOldTtl).count());
  return declared ? std::max(*seen, static_cast<std::uint32_t>(declared->count())) : *seen;
}

// The same, or what the plan declares: the TTL may have been lowered before the watch began.
std::optional<std::uint32_t> ttl_of(const PropagationState& state, const MxSet& set) {
  auto given = state.versions.largest_ttl(set);
  const auto declared = state.input.declared_old_ttl;
  if (given && declared && set != state.input.expected)
    given = std::max(*given, static_cast<std::uint32_t>(declared->count()));
  const auto links = state.companions.alias_ttl();
  return given && links ? std::min(*given, *links) : given;
}

}  // namespace

const ResolverTrack& PropagationState::track_of(const Endpoint& resolver) const {
  static const ResolverTrack kBlank;
  const auto found = tracks.find(resolver);
  return found == tracks.end() ? kBlank : found->second;
}

bool PropagationState::active(Time now) const {
  if (input.changed_at && *input.changed_at <= now) return true;
  const auto& all = authorities.all();
  return std::any_of(all.begin(), all.end(), [](const AuthorityState& s) {
    return s.is_new() || (s.first_answer_at && s.set != s.first_set);
  });
}

void PropagationState::drop_foreign_tracks() {
  std::erase_if(tracks, [&](const auto& entry) {
    return !input.resolvers.find(entry.first) && !is_family_control(input, entry.first);
  });
}

namespace {

std::optional<DrainBound> unpaired_bound(const PropagationState& state, const Classifier& classes,
                                         Time now) {
  std::vector<UnseenAuthority> pairs = standing_pairs(state, now);
  const std::size_t all = pairs.size();
  keep_settled(state, pairs);
  if (pairs.size() == all) return std::nullopt;
  return bound_of(state, classes, now, std::move(pairs));
}

}  // namespace

Reading::Reading(const PropagationState& s, Time at)
    : state(s),
      now(at),
      classes(classifier_of(s)),
      bound(bound_of(s, classes, at, standing_pairs(s, at))),
      unpaired(unpaired_bound(s, classes, at)),
      context{s.input.policy,
              classes,
              bound,
              [&s](const MxSet& set) { return ttl_of(s, set); },
              [&s](const MxSet& set) { return given_ttl_of(s, set); },
              unpaired ? *unpaired : bound,
              [&s](const Endpoint& resolver) { return monitor::is_in_pair(s, resolver); },
              old_ttl_of(s),
              s.last_old_before_change} {}

std::vector<ResolverStanding> Reading::standings() const {
  std::vector<ResolverStanding> all;
  all.reserve(state.input.resolvers.size());
  for (const probes::Resolver& resolver : state.input.resolvers)
    all.push_back(judge_resolver(resolver, state.track_of(resolver.endpoint), context, now));
  exclude_filters(all, classes);
  return all;
}

}  // namespace mxswitch::monitor
