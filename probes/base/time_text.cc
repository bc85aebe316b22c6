#include "probes/base/time_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
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

// The digits at a fixed place; nothing but digits will do (no sign, no blank).
std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// ".5" to ".999999999" -> milliseconds, the rest cut off.
std::optional<Duration> fraction(std::string_view text) {
  if (text.empty()) return Duration(0);
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  text.remove_prefix(1);
  if (!digits(text)) return std::nullopt;
  std::string padded(text.substr(0, 3));
  padded.resize(3, '0');
  return Duration(*digits(padded));
}

bool has_rfc3339_marks(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
         text[13] == ':' && text[16] == ':' && text.back() == 'Z';
}

std::optional<Time> read_rfc3339(std::string_view text) {
  if (!has_rfc3339_marks(text)) return std::nullopt;
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
             day = digits(text.substr(8, 2)), hour = digits(text.substr(11, 2)),
             minute = digits(text.substr(14, 2)), second = digits(text.substr(17, 2));
  const auto part = fraction(text.substr(19, text.size() - 20));
  if (!year || !month || !day || !hour || !minute || !second || !part) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // Second 60 is a leap second (RFC 3339 section 5.7).
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const Time time = Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
                    std::chrono::minutes(*minute) + seconds(*second) + *part;
  // The leap second of the last year would need a fifth digit to be written.
  if (time >= std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) return std::nullopt;
  return time;
}

// Not fmt's own: it counts nanoseconds and so overflows before 1677 and after 2262, and peers may
// send any time that RFC 3339 can write.
std::string date_text(Time t) {
  const std::chrono::year_month_day date{floor<std::chrono::days>(t)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string clock_text(Time t) {
  const std::chrono::hh_mm_ss clock{floor<seconds>(t - floor<std::chrono::days>(t))};
  return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

std::string format_time(Time t) { return date_text(t) + "T" + clock_text(t) + "Z"; }

std::string format_time_ms(Time t) {
  const auto part = (t - floor<seconds>(t)).count();
  return fmt::format("{}T{}.{:03}Z", date_text(t), clock_text(t), part);
}

std::string format_clock(Time t) { return clock_text(t) + "Z"; }

std::string format_moment(Time t, Time now) {
  // Less than a day, so that the same clock on another day is never meant.
  constexpr Duration kPlain = std::chrono::hours(20);
  const Duration apart = t > now ? t - now : now - t;
  return apart <= kPlain ? format_clock(t) : format_time(t);
}

Result<Time> parse_time(std::string_view text) {
  const auto time = read_rfc3339(text);
  if (time) return *time;
  return fail(Fault::usage, fmt::format("\"{}\" is not a time", text), {},
              "write RFC 3339 in UTC, like 2026-11-22T14:32:10Z");
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
