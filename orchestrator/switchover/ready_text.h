// The words of the alert that everybody waits for: what is proved, by what, and what comes next.
#pragma once

#include <string>
#include <vector>

#include "monitor/propagation/report.h"
#include "orchestrator/gates/facts.h"
#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

struct ReadyText {
  std::string line;  // stands alone on a lock screen
  std::string body;  // evidence, what happens if nobody acts
};

// Claims no drain that rests on an override.
ReadyText ready_text(const std::string& domain, const std::vector<ReportPtr>& reports,
                     const std::vector<GateResult>& gates);

// How long caches may hold the old MX, a line; empty while that is not known.
std::string drain_text(const monitor::PropagationReport& report);

}  // namespace mxswitch::orchestrator
