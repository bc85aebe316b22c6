// What an ordinary world costs in queries, and what resolvers that refuse add to it.
#pragma once

#include <cstdint>

namespace mxswitch::simulation {

struct Cost {
  bool ready = false;        // in both worlds
  double after = 0;          // packets from strict_until to a day after READY
  double without = 0;        // the same in the world without those that refuse
  double failing_a_day = 0;  // at most, to one that refuses, within any 24 h
};

Cost cost_of_ordinary(std::uint64_t seed, std::uint32_t ttl);

}  // namespace mxswitch::simulation
