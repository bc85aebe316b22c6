// The verbs of mxswitch-relay; each returns the program's exit code.
#pragma once

#include <string>

#include "probes/base/result.h"

namespace mxswitch {

int run_relay_serve(const std::string& config_path);
int run_relay_configure();
int run_relay_status(const std::string& config_path, bool json);

int report_relay_error(const Error& error);  // 2 for usage, else 1

}  // namespace mxswitch
