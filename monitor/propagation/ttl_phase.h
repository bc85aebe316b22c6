// The TTL around a change: lower it, wait until copies under the higher one are gone, change, raise
// it again. Facts and the sentence that views show; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "monitor/propagation/policy.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

struct PropagationReport;

inline constexpr std::uint32_t kLowTtl = 300;  // what to lower it to before a change

struct TtlPhase {
  enum class Stage {
    lower,  // before the change: it is high
    wait,   // it is low, and copies under an earlier one may still live
    safe,   // before the change: nothing is gained by waiting
    raise,  // READY, and still low
  } stage = Stage::lower;
  std::uint32_t ttl = 0;      // that authorities give now; of the new set where it is to be raised
  std::uint32_t earlier = 0;  // the largest that was seen or declared with the old set
  bool assumed = false;       // `earlier` was neither seen nor declared
  bool negative = false;      // there is no MX yet: how long its absence may be kept (RFC 2308)
  std::optional<Time> safe_from;  // for `lower`: if it were lowered now
  Duration ready_after{0};        // of a change that is made then
};

// None while the change drains, and where no authority was seen yet.
std::optional<TtlPhase> ttl_phase(const PropagationReport& report, const Policy& policy, Time now);
// "TTL of the MX is 86400; lower it to 300; safe to change from Tue 14:05 (then READY about 63 min
// after the change)". Times are UTC.
std::string ttl_sentence(const TtlPhase& phase);

}  // namespace mxswitch::monitor
