// Which probe is wanted when (PROPAGATION.md sections 3 and 4): authorities by the phase of the
// change, resolvers by the expiry of what they hold.
#pragma once

#include <optional>
#include <vector>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

// Between two polls of an endpoint, in this phase.
Duration authority_interval(const Reading& reading);

// Every probe that is wanted, with the time from which it is; in the past: it is due.
std::vector<ProbeDue> wanted_probes(const Reading& reading);

// Until a control name that failed is asked again.
Duration control_pause(const ResolverTrack& track, const Reading& reading);
// The probe itself: another owner's does as well, if it was asked lately and after this one's last.
ProbeDue control_due(const Endpoint& endpoint, const ResolverTrack& track, const Reading& reading,
                     Time at);

// When one that was started must have been lost.
Time lost_at(const ProbeDue& probe, const Policy& policy, Time started);

}  // namespace mxswitch::monitor
