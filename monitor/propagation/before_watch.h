// What caches may hold from before the watch began, when the TTL may have been another: guides tell
// people to lower it first (PROPAGATION.md 2 B, "The TTL before the watch"). Pure.
#pragma once

#include <string>
#include <vector>

#include "monitor/propagation/drain.h"

namespace mxswitch::monitor {

// H: how long after the first look at an endpoint a copy of what it served then may live; never
// less than the TTLs that were seen with the set. An absent state is bounded by those alone.
seconds kept_before(const MxSet& set, const Versions& versions, const PropagationInput& input);

// T: resolvers showed copies that outlive every TTL that was seen; since `u` others may be kept
// for as long as this.
seconds kept_in_view(const std::vector<HeldCopy>& copies, Time u, const Policy& policy);

// Those that the declared old TTL does not explain, when resolvers of two operators show some.
std::vector<HeldCopy> beyond_declared(const std::vector<HeldCopy>& copies,
                                      const PropagationInput& input, Time began);
bool at_two_operators(const std::vector<HeldCopy>& copies);
std::string labels_of(const std::vector<HeldCopy>& copies);  // "Quad9 9.9.9.9, ... and 3 more"

}  // namespace mxswitch::monitor
