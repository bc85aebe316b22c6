// What `watch` says where a plan would say it: its reader has options, and no plan to write into.
#pragma once

#include <string>

#include "monitor/propagation/report.h"

namespace mxswitch::dashboards {

// While READY rests on what nobody declared: from when on it could be, why, and the options that
// would say it. Empty where nothing is assumed of the old TTL, or READY is here.
std::string declare_advice(const monitor::PropagationReport& report, Time now);

// The same report, with options in the place of a plan's keys.
monitor::PropagationReport in_options(monitor::PropagationReport report);

}  // namespace mxswitch::dashboards
