// Lines of coloured text, broken at blanks where a terminal ends: nothing of them is lost.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mxswitch::dashboards {

enum class Colour { plain, dim, bold, green, blue, yellow, red };

struct Span {
  std::string text;
  Colour colour = Colour::plain;
  bool whole = false;  // stays in one line while it fits into one
};
using Line = std::vector<Span>;

std::size_t columns(const Line& line);

// `first` columns are there for the first line, `rest` for each that follows. A line ends at the
// last blank that fits, and the blanks at its end are left out; a command in backquotes stays in
// one line. A word or command that is longer than a whole line is broken where it must be. At least
// one line, which may be empty. The text is printable (escape.h) already.
std::vector<Line> wrapped(const Line& line, std::size_t first, std::size_t rest);

}  // namespace mxswitch::dashboards
