// The Prometheus view: names begin with mxswitch_, units stand in the name. Labels are bounded:
// domain, state, class, gate, verdict and node; never a resolver, a recipient or a reason.
#pragma once

#include <string>
#include <vector>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {

// Text format 0.0.4 of all domains; `version` goes into mxswitch_build_info.
std::string render_metrics(const std::vector<orchestrator::SnapshotPtr>& snapshots, Time now,
                           const std::string& version);

}  // namespace mxswitch::dashboards
