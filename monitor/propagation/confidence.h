// What a sample lets one say about caches that were not sampled (PROPAGATION.md 2 C).
#pragma once

#include <optional>

namespace mxswitch::monitor {

// Upper end of the one-sided 95 % interval (Clopper-Pearson) of the share of stale caches, when
// `stale` of `sampled` warm caches were stale; 1 - 0.05^(1/n) when none was. None without a cache.
std::optional<double> stale_share_upper(int sampled, int stale);

// K: how many samples find the one stale cache of `caches` behind an address that dispatches at
// random, with this probability.
int samples_to_find_one(int caches, double confidence);

}  // namespace mxswitch::monitor
