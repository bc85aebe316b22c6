// Chance that is the same on every machine: one stream of numbers for each seed (SplitMix64).
#pragma once

#include <cmath>
#include <cstdint>

#include "probes/base/clock.h"

namespace mxswitch::monitor::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  // 0 .. n-1; 0 for n = 0.
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
  bool percent(double p) { return p > 0 && unit() * 100 < p; }
  // The time to the next of events that come by chance, `mean` apart; at least 1 ms.
  Duration gap(Duration mean) {
    const double ms = -std::log1p(-unit()) * static_cast<double>(mean.count());
    return Duration(1 + static_cast<std::int64_t>(ms));
  }

 private:
  std::uint64_t state_;
};

}  // namespace mxswitch::monitor::simulation
