#include "probes/base/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace mxswitch {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;

struct Unit {
  std::string_view suffix;
  std::string_view spoken;
  Duration length;
};

constexpr std::array kUnits = {
    Unit{"d", "d", std::chrono::hours(24)},
    Unit{"h", "h", std::chrono::hours(1)},
    Unit{"m", "min", std::chrono::minutes(1)},
    Unit{"s", "s", seconds(1)},
    Unit{"ms", "ms", Duration(1)},
};

Failure bad_duration(std::string_view text) {
  return fail(Fault::usage, fmt::format("\"{}\" is not a duration", text), {},
              "write it like \"500ms\", \"45s\", \"30m\", \"1h30m\" or \"2d\"");
}

const Unit* find_unit(std::string_view suffix) {
  for (const Unit& unit : kUnits) {
    if (unit.suffix == suffix) return &unit;
  }
  return nullptr;
}

}  // namespace

std::string format_time(Time t) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", floor<seconds>(t)); }

std::string format_time_ms(Time t) {
  const auto whole = floor<seconds>(t);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", whole, (t - whole).count());
}

std::string format_clock(Time t) { return fmt::format("{:%H:%M:%SZ}", floor<seconds>(t)); }

Result<Time> parse_time(std::string_view text) {
  const auto refuse = [&] {
    return fail(Fault::usage, fmt::format("\"{}\" is not a time", text), {},
                "write RFC 3339 in UTC, like 2026-11-22T14:32:10Z");
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, consumed = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                  &second, &consumed) != 6) {
    return refuse();
  }
  std::string_view rest = std::string_view(copy).substr(static_cast<std::size_t>(consumed));
  int millis = 0;
  if (rest.size() >= 2 && rest.front() == '.') {
    rest.remove_prefix(1);
    int scale = 100;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
      millis += (rest.front() - '0') * scale;
      scale /= 10;
      rest.remove_prefix(1);
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (rest != "Z" || !date.ok() || hour > 23 || minute > 59 || second > 60) return refuse();
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + seconds(second) + Duration(millis);
}

Result<Duration> parse_duration(std::string_view text) {
  // A century bounds every sum far below overflow.
  constexpr std::int64_t kLargest = 100LL * 366 * 86400 * 1000;
  Duration sum{0};
  std::string_view rest = text;
  if (rest.empty()) return bad_duration(text);
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (code != std::errc() || count < 0) return bad_duration(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto letters = rest.substr(0, rest.find_first_of("0123456789"));
    const Unit* unit = find_unit(letters);
    if (unit == nullptr || count > kLargest / unit->length.count()) return bad_duration(text);
    sum += count * unit->length;
    if (sum.count() > kLargest) return bad_duration(text);
    rest.remove_prefix(letters.size());
  }
  return sum;
}

std::string format_duration(Duration d) {
  if (d < Duration(0)) return "-" + format_duration(-d);
  if (d < seconds(1)) return fmt::format("{} ms", d.count());
  std::string out;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    if (unit.length < seconds(1) || parts == 2) break;
    const auto count = d / unit.length;
    if (count == 0 && parts == 0) continue;
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : " ", count, unit.spoken);
    d -= count * unit.length;
    ++parts;
  }
  return out;
}

}  // namespace mxswitch
