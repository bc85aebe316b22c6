#include "deploy/mxswitch/exit_code.h"

#include <fmt/core.h>

#include "deploy/mxswitch/terminal.h"

namespace mxswitch {

ExitCode exit_code_of(const Error& error) {
  switch (error.fault) {
    case Fault::usage:
    case Fault::not_found:
    case Fault::malformed:
      return ExitCode::usage;
    case Fault::blocked:
      return ExitCode::blocked;
    case Fault::timed_out:
      return ExitCode::in_flight;
    case Fault::stale:
    case Fault::conflict:
      return ExitCode::drift;
    case Fault::forbidden:
    case Fault::unavailable:
    case Fault::internal:
      return ExitCode::error;
  }
  return ExitCode::error;
}

int report_error(const Error& error) {
  fmt::print(stderr, "mxswitch: {}\n", printable_lines(error.text()));
  return static_cast<int>(exit_code_of(error));
}

}  // namespace mxswitch
