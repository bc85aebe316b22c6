// From how many ports questions leave, and for how long from one: servers learn the ports that they
// see, and who knows them need guess less (RFC 5452 4.5).
#pragma once

#include <cstddef>

#include "probes/base/clock.h"

namespace mxswitch::probes {

inline constexpr std::size_t kSourcePorts = 64;                   // open at a time, of each family
inline constexpr std::size_t kQueriesAPort = 64;                  // then it is renewed
inline constexpr Duration kOldestPort = std::chrono::minutes(1);  // or then

}  // namespace mxswitch::probes
