// Runs one scenario in virtual time through monitor::Propagation, asking exactly what it wants
// when it wants it, and compares what it said with what the file expects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

struct RunResult {
  std::vector<std::string> failures;  // "name:line: what was expected, what was found"
  std::optional<Duration> first_ready;
  int authority_queries = 0, resolver_queries = 0, control_queries = 0;
  std::string timeline;  // changes of the verdict and of its reasons, one a line
};

RunResult run_scenario(const Scenario& scenario, const std::string& name);

}  // namespace mxswitch::monitor::simulation
