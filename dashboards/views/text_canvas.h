// Lines of coloured cells for the terminal views: made of spans, measured in columns, cut once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dashboards/views/text.h"

namespace mxswitch::dashboards {

enum class Colour { plain, dim, bold, green, blue, yellow, red };
Colour colour_of(std::string_view word);  // of a class or a verdict

struct Span {
  std::string text;
  Colour colour = Colour::plain;
};
using Line = std::vector<Span>;

class Canvas {
 public:
  explicit Canvas(const TextOptions& options) : options_(options) {}

  Canvas& line(Line spans);
  Canvas& line(std::string text, Colour colour = Colour::plain);
  // "State           propagating": the label in a column of its own.
  Canvas& labelled(std::string_view label, Line spans);
  // Rows under a header. Where options.height does not hold them all, the last line that fits
  // says how many more there are; `below` lines are kept free for what follows.
  Canvas& table(const std::vector<std::string>& header, const std::vector<std::vector<Span>>& rows,
                std::size_t below = 0);
  std::string text() const;

 private:
  std::size_t room_for_rows(std::size_t rows, std::size_t below) const;

  TextOptions options_;
  std::vector<Line> lines_;
};

// [##########--------] with `width` cells.
std::string bar(int part, int whole, std::size_t width);

}  // namespace mxswitch::dashboards
