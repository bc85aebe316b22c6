// Random worlds as *.scn text: what a seed makes can be printed, kept and played again by
// `mxswitch simulate`.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/story.h"

namespace mxswitch::simulation {

// Caches keep to TTLs and every authority is visible: resolvers of population.h, of which some fall
// silent or refuse, and what may happen of story.h.
std::string honest_world(std::uint64_t seed);
std::string honest_world(Happening happening, std::uint64_t seed);
Happening happening_of(std::uint64_t seed);  // in honest_world(seed)

// The same with violators: a share of all caches, sampled or not, that is one in 200 to one in 6
// stretches TTLs, never lets go, or answers stale once more.
std::string mixed_world(std::uint64_t seed);

// What nobody can see from outside: a flap below the poll interval, an anycast site or an
// authority that only others are led to.
std::string invisible_world(std::uint64_t seed);

// TTL `ttl`, 48 resolvers of which a fifth refuse every query, 1 % packet loss.
std::string ordinary_world(std::uint64_t seed, std::uint32_t ttl);

// World `number` of the fixed ones: a population of caches of which a share stretches TTLs, never
// lets go or serves stale. The seed chooses whom one run samples.
inline constexpr int kFixedWorlds = 50;
std::string violator_world(int number, std::uint64_t seed);

}  // namespace mxswitch::simulation
