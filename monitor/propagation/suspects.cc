#include "monitor/propagation/suspects.h"

#include <algorithm>

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostSuspects = 64;

// A server that the plan leaves out explains what resolvers fetch from it.
bool is_served_by_ignored(const PropagationState& state, const MxSet& set) {
  const auto& all = state.authorities.all();
  return std::any_of(all.begin(), all.end(), [&](const AuthorityState& authority) {
    return authority.last_answer_at && authority.set == set &&
           ignored_reason(authority.address, state.input.ignored_authorities);
  });
}

// Of another operator, within v; of several the latest.
const SuspectFetch* partner_of(const PropagationState& state, const SuspectFetch& fetch) {
  const SuspectFetch* partner = nullptr;
  for (const SuspectFetch& other : state.suspects) {
    const Duration apart = fetch.fetched_at > other.fetched_at
                               ? fetch.fetched_at - other.fetched_at
                               : other.fetched_at - fetch.fetched_at;
    if (other.set != fetch.set || other.operator_name == fetch.operator_name ||
        apart > seconds(fetch.ttl))
      continue;
    if (!partner || other.fetched_at > partner->fetched_at) partner = &other;
  }
  return partner;
}

// What is proved of a set is never taken back by fetches that were earlier.
void note_unseen(PropagationState& state, UnseenAuthority found) {
  const auto known = std::find_if(state.unseen.begin(), state.unseen.end(),
                                  [&](const auto& one) { return one.set == found.set; });
  if (known == state.unseen.end())
    state.unseen.push_back(std::move(found));
  else if (found.fetched_at + seconds(found.ttl) >= known->fetched_at + seconds(known->ttl))
    *known = std::move(found);
}

}  // namespace

bool is_suspect(const ResolverTrack& track, const ResolverSample& sample, const Reading& reading) {
  const AnswerClass found = reading.classes.of(sample.outcome, sample.set);
  const auto ended = reading.bound.ended_at;
  if ((found != AnswerClass::old && found != AnswerClass::mixed) || !ended ||
      !reading.bound.strict_until || is_stale_answer(track, sample))
    return false;
  if (is_served_by_ignored(reading.state, sample.set)) return false;
  const std::uint32_t longest = std::max({reading.context.old_ttl, track.largest_ttl, sample.ttl});
  const Time earliest_fetch = sample.received_at + seconds(sample.ttl) - seconds(longest);
  return earliest_fetch > *ended + reading.state.input.policy.delta;
}

void note_suspect(PropagationState& state, const probes::Resolver& resolver,
                  const ResolverSample& sample, std::uint32_t old_ttl) {
  const Time fetched = sample.received_at + seconds(sample.ttl) - seconds(old_ttl);
  const SuspectFetch fetch{resolver.operator_name, resolver_label(resolver), sample.set,
                           std::min(fetched, sample.received_at), old_ttl};
  if (const SuspectFetch* other = partner_of(state, fetch))
    note_unseen(state, {fetch.set, std::max(fetch.fetched_at, other->fetched_at), old_ttl,
                        other->label + " and " + fetch.label});
  state.suspects.push_back(fetch);
  if (state.suspects.size() > kMostSuspects) state.suspects.erase(state.suspects.begin());
}

}  // namespace mxswitch::monitor
