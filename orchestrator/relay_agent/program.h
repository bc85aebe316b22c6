// Runs one of Postfix's commands and takes what it prints. Blocks; never on the loop.
#pragma once

#include <string>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

// Standard output of `arguments` (a path and its arguments, no shell), fed `input`. Fails with
// `unavailable` when it can't be started or exits with another status than 0, `timed_out` when it
// takes longer than `deadline` (it is then killed), `malformed` beyond 64 MiB of output.
Result<std::string> run_program(const std::vector<std::string>& arguments, const std::string& input,
                                Duration deadline);

}  // namespace mxswitch::orchestrator
