// Old answers that no listed authority explains (PROPAGATION.md 2 B, Resets). Resolvers of two
// operators that show one within its TTL are a suspect pair: somewhere a server that nobody listed
// still serves the set, or both never let go. A third operator settles that.
#pragma once

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

// Reading: of the moment before the sample was taken in.
bool is_suspect(const ResolverTrack& track, const ResolverSample& sample, const Reading& reading);
void note_suspect(PropagationState& state, const probes::Resolver& resolver,
                  const ResolverSample& sample, std::uint32_t old_ttl);

// Of each set the pair whose copies live longest; waived resolvers are in none.
std::vector<UnseenAuthority> standing_pairs(const PropagationState& state, Time now);
// What a third operator shows too is no question of two that never let go.
void keep_settled(const PropagationState& state, std::vector<UnseenAuthority>& pairs);
bool is_in_pair(const PropagationState& state, const Endpoint& resolver);
// Three operators showed what this resolver is suspected of: no waiver may take that back.
bool is_settled(const PropagationState& state, const Endpoint& resolver);

}  // namespace mxswitch::monitor
