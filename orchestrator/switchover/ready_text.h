// The words of the alert that everybody waits for: what is proved, by what, and what comes next.
#pragma once

#include <string>
#include <vector>

#include "monitor/propagation/report.h"
#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

struct ReadyText {
  std::string line;  // stands alone on a lock screen
  std::string body;  // evidence, link, what happens if nobody acts
};

// `public_url` may be empty. Claims no drain that rests on an override.
ReadyText ready_text(const std::string& domain,
                     const std::vector<monitor::PropagationReport>& reports,
                     const std::vector<GateResult>& gates, const std::string& public_url, Time now);

}  // namespace mxswitch::orchestrator
