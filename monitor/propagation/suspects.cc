#include "monitor/propagation/suspects.h"

#include <algorithm>
#include <set>

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostSuspects = 64;
constexpr std::size_t kMostPairs = 64;

Time expiry(const UnseenAuthority& one) { return one.fetched_at + seconds(one.ttl); }

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
void note_pair(PropagationState& state, UnseenAuthority found) {
  const auto known = std::find_if(state.unseen.begin(), state.unseen.end(), [&](const auto& one) {
    return one.set == found.set && one.resolvers == found.resolvers;
  });
  if (known != state.unseen.end()) {
    if (expiry(found) >= expiry(*known)) *known = std::move(found);
    return;
  }
  state.unseen.push_back(std::move(found));
  if (state.unseen.size() <= kMostPairs) return;
  state.unseen.erase(
      std::min_element(state.unseen.begin(), state.unseen.end(),
                       [](const auto& a, const auto& b) { return expiry(a) < expiry(b); }));
}

std::vector<Endpoint> pair_of(Endpoint a, Endpoint b) {
  if (b.text() < a.text()) std::swap(a, b);
  return {a, b};
}

bool is_waived(const PropagationState& state, const UnseenAuthority& pair, Time now) {
  return std::any_of(pair.resolvers.begin(), pair.resolvers.end(),
                     [&](const Endpoint& one) { return state.track_of(one).waived(now); });
}

bool has_third(const PropagationState& state, const MxSet& set) {
  std::set<std::string> operators;
  for (const SuspectFetch& fetch : state.suspects)
    if (fetch.set == set) operators.insert(fetch.operator_name);
  return operators.size() > 2;
}

// A third operator shows that it was no pair that never lets go.
void take_waivers_back(PropagationState& state, const MxSet& set) {
  if (!has_third(state, set)) return;
  for (const UnseenAuthority& pair : state.unseen)
    for (const Endpoint& one : pair.resolvers)
      if (const auto track = state.tracks.find(one);
          pair.set == set && track != state.tracks.end() && track->second.waiver)
        track->second.waiver.reset();
}

}  // namespace

bool is_suspect(const ResolverTrack& track, const ResolverSample& sample, const Reading& reading) {
  const AnswerClass found = reading.classes.of(sample.outcome, sample.set);
  const auto ended = reading.bound.ended_at;
  if ((found != AnswerClass::old && found != AnswerClass::mixed) || !ended ||
      !reading.bound.strict_until || is_stale_answer(track, sample))
    return false;
  if (is_served_by_ignored(reading.state, sample.set) ||
      is_from_before(sample.received_at + seconds(sample.ttl), reading.context))
    return false;
  const std::uint32_t longest = std::max({reading.context.old_ttl, track.largest_ttl, sample.ttl});
  const Time earliest_fetch = sample.received_at + seconds(sample.ttl) - seconds(longest);
  return earliest_fetch > *ended + reading.state.input.policy.delta;
}

void note_suspect(PropagationState& state, const probes::Resolver& resolver,
                  const ResolverSample& sample, std::uint32_t old_ttl) {
  const Time fetched = sample.received_at + seconds(sample.ttl) - seconds(old_ttl);
  const SuspectFetch fetch{resolver.endpoint,
                           resolver.operator_name,
                           resolver_label(resolver),
                           sample.set,
                           std::min(fetched, sample.received_at),
                           old_ttl};
  if (const SuspectFetch* other = partner_of(state, fetch))
    note_pair(state,
              {fetch.set, std::max(fetch.fetched_at, other->fetched_at), old_ttl,
               other->label + " and " + fetch.label, pair_of(other->resolver, fetch.resolver)});
  state.suspects.push_back(fetch);
  if (state.suspects.size() > kMostSuspects) state.suspects.erase(state.suspects.begin());
  take_waivers_back(state, fetch.set);
}

std::vector<UnseenAuthority> standing_pairs(const PropagationState& state, Time now) {
  std::vector<UnseenAuthority> standing;
  for (const UnseenAuthority& pair : state.unseen) {
    if (is_waived(state, pair, now)) continue;
    const auto same = std::find_if(standing.begin(), standing.end(),
                                   [&](const auto& one) { return one.set == pair.set; });
    if (same == standing.end())
      standing.push_back(pair);
    else if (expiry(pair) > expiry(*same))
      *same = pair;
  }
  return standing;
}

void keep_settled(const PropagationState& state, std::vector<UnseenAuthority>& pairs) {
  std::erase_if(pairs, [&](const auto& pair) { return !has_third(state, pair.set); });
}

bool is_in_pair(const PropagationState& state, const Endpoint& resolver) {
  return std::any_of(state.unseen.begin(), state.unseen.end(), [&](const auto& pair) {
    return std::find(pair.resolvers.begin(), pair.resolvers.end(), resolver) !=
           pair.resolvers.end();
  });
}

bool is_settled(const PropagationState& state, const Endpoint& resolver) {
  return std::any_of(state.unseen.begin(), state.unseen.end(), [&](const auto& pair) {
    return std::find(pair.resolvers.begin(), pair.resolvers.end(), resolver) !=
               pair.resolvers.end() &&
           has_third(state, pair.set);
  });
}

}  // namespace mxswitch::monitor
