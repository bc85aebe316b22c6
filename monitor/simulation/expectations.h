// Is what a scenario expects so?
#pragma once

#include <optional>
#include <string>

#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

// Expectations about the first READY of a whole run; the others are about a moment.
bool is_about_the_run(const Expectation& expectation);
// `zero`: the start, on the report's timeline.
bool holds_in(const PropagationReport& report, const Expectation& expectation, Time zero);
// None when it holds.
std::optional<std::string> unmet_by(std::optional<Duration> first_ready,
                                    const Expectation& expectation);

std::string since_start(Duration d);  // "70.020s"
std::string shown(const PropagationReport& report, Time zero);

}  // namespace mxswitch::monitor::simulation
