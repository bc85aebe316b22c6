// The one log of a program: lines on standard error like
//   2026-11-22T14:32:10.123Z warning resolver 192.0.2.1 does not answer
// Cores never log; shells do. Callers keep secrets out.
#pragma once

#include <string_view>

#include "probes/base/result.h"

namespace mxswitch {

enum class LogLevel { debug, info, warning, error };

// Shows lines of this level and above; "debug", "info", "warning" or "error". Before the first
// call: info. Any thread.
Result<void> set_log_level(std::string_view name);

// Writes one line; control characters are shown as '?'. Any thread.
void log(LogLevel level, std::string_view text);

// The line as it is written, without the time. For tests.
std::string printable(std::string_view text);

}  // namespace mxswitch
