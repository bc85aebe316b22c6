// Random worlds as *.scn text: what a seed makes can be printed, kept and played again by
// `mxswitch simulate`.
#pragma once

#include <cstdint>
#include <string>

namespace mxswitch::simulation {

// Caches keep to TTLs and every authority is visible: farms, clamps, prefetching, lagging and
// split authorities, rollbacks, lowered TTLs, loss, refusing resolvers.
std::string honest_world(std::uint64_t seed);

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
