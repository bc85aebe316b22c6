// The resolvers of a random world, those that are sampled and other people's.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/parts.h"

namespace mxswitch::simulation {

// Single ones and farms, some of which name their caches or all of them alike (NSID); they clamp,
// prefetch, lose packets, refuse. Each cache, sampled or not, is with this chance one that keeps
// to no TTL: stuck, stretching, or stale once more. `ttl`: what the authorities gave.
std::string some_resolvers(Chance& chance, double violators, std::uint32_t ttl);

// Resolvers in the list that nobody else asks, and other people's that are busy: what these hold of
// before a watch is in nobody's view.
std::string unseen_copies(Chance& chance);

// None to two more that fall silent, refuse or slow down around the change, most for a while.
std::string fading_resolvers(Chance& chance, std::uint64_t change);

}  // namespace mxswitch::simulation
