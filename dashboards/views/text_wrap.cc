#include "dashboards/views/text_wrap.h"

#include <algorithm>
#include <optional>

#include "dashboards/views/escape.h"

namespace mxswitch::dashboards {
namespace {

// One code point with its colour.
struct Point {
  std::string_view bytes;
  std::size_t width = 1;
  Colour colour = Colour::plain;
  bool bound = false;  // in a whole span, or a command in backquotes: to be copied from one line

  bool blank() const { return bytes == " "; }
};

// Where a backquote has its second.
void bind_quoted(std::vector<Point>& points) {
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].bytes != "`") continue;
    for (std::size_t inside = open.value_or(i); open && inside < i; ++inside)
      points[inside].bound = true;
    open = open ? std::nullopt : std::optional(i);
  }
}

std::vector<Point> points_of(const Line& line) {
  std::vector<Point> points;
  for (const Span& span : line) {
    std::string_view left = span.text;
    while (!left.empty()) {
      std::size_t length = 1;
      while (length < left.size() && (static_cast<unsigned char>(left[length]) & 0xC0) == 0x80)
        ++length;
      const auto bytes = left.substr(0, length);
      points.push_back({bytes, columns(bytes), span.colour, span.whole});
      left.remove_prefix(length);
    }
  }
  bind_quoted(points);
  return points;
}

Line spans_of(const std::vector<Point>& points, std::size_t begin, std::size_t end) {
  Line line;
  for (std::size_t i = begin; i < end; ++i) {
    if (line.empty() || line.back().colour != points[i].colour)
      line.push_back({std::string(), points[i].colour});
    line.back().text += points[i].bytes;
  }
  return line;
}

// The last blank up to `end` at which a line that begins here may end.
std::optional<std::size_t> blank_before(const std::vector<Point>& points, std::size_t begin,
                                        std::size_t end, bool in_bound) {
  for (std::size_t i = end; i > begin; --i) {
    if (points[i].blank() && !points[i - 1].blank() && (in_bound || !points[i].bound)) return i;
  }
  return std::nullopt;
}

// How far a line that begins here may go: all that is left, to the last blank that fits, and into
// the middle of a command or a word only where it is longer than a line; always one point on.
std::size_t end_of_line(const std::vector<Point>& points, std::size_t begin, std::size_t room) {
  std::size_t end = begin, used = 0;
  while (end < points.size() && used + points[end].width <= room) used += points[end++].width;
  if (end == points.size()) return end;
  if (const auto blank = blank_before(points, begin, end, false)) return *blank;
  if (const auto blank = blank_before(points, begin, end, true)) return *blank;
  return std::max(end, begin + 1);
}

}  // namespace

std::size_t columns(const Line& line) {
  std::size_t count = 0;
  for (const Span& span : line) count += columns(span.text);
  return count;
}

std::vector<Line> wrapped(const Line& line, std::size_t first, std::size_t rest) {
  const auto points = points_of(line);
  std::vector<Line> lines;
  std::size_t begin = 0;
  do {
    const std::size_t end = end_of_line(points, begin, lines.empty() ? first : rest);
    lines.push_back(spans_of(points, begin, end));
    begin = end;
    while (begin < points.size() && points[begin].blank()) ++begin;
  } while (begin < points.size());
  return lines;
}

}  // namespace mxswitch::dashboards
