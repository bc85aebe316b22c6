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
bool lasts_for_days(Happening happening);
Happening happening_of(std::uint64_t seed);  // in honest_world(seed)

// The same with violators: a share of all caches, sampled or not, that is one in 200 to one in 6
// stretches TTLs, never lets go, or answers stale once more.
std::string mixed_world(std::uint64_t seed);

// What nobody can see from outside (invisible.cc): a flap below the poll interval, an anycast site
// or an authority that only others are led to, outages that only others have or that are over
// between two polls, declarations that are false.
std::string invisible_world(std::uint64_t seed);
const char* invisible_cause(std::uint64_t seed);  // in invisible_world(seed)
inline constexpr int kInvisibleCauses = 8;

// TTL `ttl`, which the plan declares, 48 resolvers of which 9 refuse every query, 1 % packet loss;
// or the same world without those 9.
std::string ordinary_world(std::uint64_t seed, std::uint32_t ttl, bool some_refuse = true);

// World `number` of the fixed ones: a population of caches of which a share stretches TTLs, never
// lets go or serves stale. The seed chooses whom one run samples.
inline constexpr int kFixedWorlds = 50;
std::string violator_world(int number, std::uint64_t seed);

}  // namespace mxswitch::simulation
