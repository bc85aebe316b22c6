// What a reason of the monitor's asks for: time, somebody's turn, or a mend. Pure.
#pragma once

#include "monitor/propagation/policy.h"
#include "monitor/propagation/report.h"
#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

struct Asked {
  GateVerdict verdict = GateVerdict::unknown;  // waits, fail or unknown
  Turn turn = Turn::time;
  bool operator==(const Asked&) const = default;
};

// Servers of one zone may differ for so long after a change before it is taken for a fault: a
// secondary that was not notified looks again after REFRESH, which is an hour in most zones.
inline constexpr Duration kTransferTime = std::chrono::hours(1);

// What `reason` of `condition` asks for; `condition` is one of the report's.
Asked asked_by(const monitor::Reason& reason, const monitor::Condition& condition,
               const monitor::PropagationReport& report, const monitor::Policy& policy);

// The worst of all reasons: a mend before a turn, a turn before what is not known, people before
// time. A condition that holds asks for nothing: not to be called for it.
Asked asked_by(const monitor::Condition& condition, const monitor::PropagationReport& report,
               const monitor::Policy& policy);

// Whether `one` is to be told before `other`.
bool is_worse(const Asked& one, const Asked& other);

}  // namespace mxswitch::orchestrator
