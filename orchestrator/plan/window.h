// When a switch may run: hours of some days of the week, in UTC. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct Window {
  std::array<bool, 7> days = {true, true, true, true,
                              true, true, true};  // from Sunday; of its start
  std::chrono::minutes from{0}, until{0};         // of the day; until <= from: past midnight

  // "22:00-05:00", "Mon-Fri 18:00-23:00", "Sat,Sun 08:00-20:00".
  static Result<Window> parse(std::string_view text);
  std::string text() const;

  bool contains(Time t) const;
  // `t` itself if it lies inside, else the next opening.
  Time next(Time t) const;
  bool operator==(const Window&) const = default;
};

}  // namespace mxswitch::orchestrator
