#include "orchestrator/plan/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mxswitch::orchestrator {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr int kMinutesOfDay = 24 * 60;

std::optional<std::size_t> day_from(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "18:30", and "24:00" as the end of a day.
std::optional<minutes> time_from(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0u, 1u, 3u, 4u}) {
    if (!is_digit(text[at])) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + text[1] - '0';
  const int minute = (text[3] - '0') * 10 + text[4] - '0';
  if (minute > 59 || hour * 60 + minute > kMinutesOfDay) return std::nullopt;
  return minutes(hour * 60 + minute);
}

// "Mon", "Mon-Fri" or "Sat,Sun"; a range may pass the end of the week.
bool read_days(std::string_view text, std::array<bool, 7>& days_of_week) {
  days_of_week.fill(false);
  while (true) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto dash = part.find('-');
    const auto first = day_from(part.substr(0, dash));
    const auto last = dash == part.npos ? first : day_from(part.substr(dash + 1));
    if (!first || !last) return false;
    for (std::size_t day = *first;; day = (day + 1) % 7) {
      days_of_week[day] = true;
      if (day == *last) break;
    }
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::size_t weekday_of(std::chrono::sys_days day) { return std::chrono::weekday(day).c_encoding(); }

}  // namespace

Result<Window> Window::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(Fault::usage, fmt::format("\"{}\" is not a window of time", text.substr(0, 80)), {},
                "write it like \"22:00-05:00\" or \"Mon-Fri 18:00-23:00\", in UTC");
  };
  Window window;
  const auto blank = text.find(' ');
  if (blank != text.npos && !read_days(text.substr(0, blank), window.days)) return refuse();
  const auto hours = blank == text.npos ? text : text.substr(blank + 1);
  const auto dash = hours.find('-');
  if (dash == hours.npos) return refuse();
  const auto from = time_from(hours.substr(0, dash)), until = time_from(hours.substr(dash + 1));
  if (!from || !until || *from == *until || from->count() == kMinutesOfDay) return refuse();
  window.from = *from;
  window.until = *until;
  return window;
}

std::string Window::text() const {
  std::string out;
  const bool every_day = std::all_of(days.begin(), days.end(), [](bool day) { return day; });
  for (std::size_t day = 0; day < days.size() && !every_day; ++day) {
    if (days[day]) out += fmt::format("{}{}", out.empty() ? "" : ",", kDays[day]);
  }
  const auto clock = [](minutes m) {
    return fmt::format("{:02}:{:02}", m.count() / 60, m.count() % 60);
  };
  return fmt::format("{}{}{}-{}", out, out.empty() ? "" : " ", clock(from), clock(until));
}

bool Window::contains(Time t) const {
  const auto today = std::chrono::floor<std::chrono::days>(t);
  const auto length = until > from ? until - from : until - from + minutes(kMinutesOfDay);
  for (const auto day : {today - std::chrono::days(1), today}) {
    const Time opens = Time(day) + from;
    if (days[weekday_of(day)] && t >= opens && t < opens + length) return true;
  }
  return false;
}

Time Window::next(Time t) const {
  if (contains(t)) return t;
  const auto today = std::chrono::floor<std::chrono::days>(t);
  for (int ahead = 0; ahead <= 7; ++ahead) {
    const auto day = today + std::chrono::days(ahead);
    const Time opens = Time(day) + from;
    if (days[weekday_of(day)] && opens > t) return opens;
  }
  return t;
}

}  // namespace mxswitch::orchestrator
