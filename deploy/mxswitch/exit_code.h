// The exit codes of every verb (SWITCHOVER.md section 8): stable, scripts rely on them.
#pragma once

#include "probes/base/result.h"

namespace mxswitch {

enum class ExitCode {
  done = 0,       // done or complete
  error = 1,      // port in use, missing program, no server
  usage = 2,      // usage, plan key, roster line, resolver address, unknown domain
  blocked = 3,    // gate-blocked, or not yet
  in_flight = 4,  // outcome unknown or in flight
  drift = 5,      // drift or blocked
  unchanged = 6,  // nothing to change
};

ExitCode exit_code_of(const Error& error);

// Prints "mxswitch: <error>" to standard error and returns its code.
int report_error(const Error& error);

}  // namespace mxswitch
