// What caches may hold of earlier versions, each with the time at which that ends (PROPAGATION.md
// 2 B): the obligations of which drain.h makes the bound. Inside monitor/propagation only; pure.
#pragma once

#include <optional>
#include <vector>

#include "monitor/propagation/drain.h"

namespace mxswitch::monitor {

struct Owed {
  std::vector<Obligation> obligations;
  std::optional<Time> copies_until;  // as in DrainBound, as are those below
  bool copies_seen = false, assumed = false;
};
Owed collect_obligations(const DrainFacts& facts, Time now);

// Resolvers are asked for the MX alone: only its own end says when they may know of it.
bool is_of_mx(const Obligation& obligation);

}  // namespace mxswitch::monitor
