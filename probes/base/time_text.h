// Times and durations as people and JSON write them.
#pragma once

#include <string>
#include <string_view>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch {

// RFC 3339 in UTC with whole seconds: 2026-11-22T14:32:10Z.
std::string format_time(Time t);
// The same with milliseconds, for journals and logs.
std::string format_time_ms(Time t);
// "14:32:10Z": for lines where the date is plain.
std::string format_clock(Time t);
// The clock alone within 20 h of `now`, with the date beyond: for sentences about then.
std::string format_moment(Time t, Time now);
Result<Time> parse_time(std::string_view text);

// "500ms", "45s", "30m", "1h", "2d", or several in a row ("1h30m"). A bare number is refused.
Result<Duration> parse_duration(std::string_view text);
// The two largest units: "1 h 12 min", "41 min", "8 s".
std::string format_duration(Duration d);

}  // namespace mxswitch
