// Cuts the trace of an evaluation to what may be kept of it: records come from outside and may be
// of any length, and one is kept for each outcome of each domain. Pure.
#pragma once

#include "probes/spf/evaluate.h"

namespace mxswitch::monitor {

inline constexpr std::size_t kMostTraceTerms = 60;     // in all; then one says how many more
inline constexpr std::size_t kMostTraceRecords = 10;   // of one lookup
inline constexpr std::size_t kLongestTraceText = 300;  // octets of any text in it

probes::spf::TraceTerm cut_trace(probes::spf::TraceTerm trace);

}  // namespace mxswitch::monitor
