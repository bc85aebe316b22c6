// What the terminal views draw on: lines of coloured spans, made printable and laid out for the
// width at once. Sentences go on under themselves; only cells of a table are ever cut, and those
// only where a terminal has no room for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dashboards/views/text.h"
#include "dashboards/views/text_wrap.h"

namespace mxswitch::dashboards {

Colour colour_of(std::string_view word);  // of a class or a verdict

class Canvas {
 public:
  explicit Canvas(const TextOptions& options) : options_(options) {}

  Canvas& add(const std::vector<Line>& laid_out);
  Canvas& line(Line spans);
  Canvas& line(std::string text, Colour colour = Colour::plain);
  // As it is laid out already: `margin` before the first line, `hang` before those that follow.
  Canvas& hanging(const std::string& margin, const std::string& hang, Line spans);
  // "State           propagating": the label in a column of its own.
  Canvas& labelled(std::string_view label, Line spans);
  // Rows under a header, one line each. The last `sentences` columns are never cut: where they do
  // not fit they go on under themselves, or stand below their row.
  Canvas& table(const std::vector<std::string>& header, const std::vector<Line>& rows,
                std::size_t sentences = 0);

  const std::vector<Line>& lines() const { return lines_; }
  std::string text() const;

 private:
  TextOptions options_;
  std::vector<Line> lines_;
};

// Bytes of others and of ours as this terminal can show them.
Line shown(Line spans, const TextOptions& options);
// The bytes of lines that are laid out.
std::string text_of(const std::vector<Line>& lines, const TextOptions& options);

// [##########--------] with `width` cells.
std::string bar(int part, int whole, std::size_t width);

}  // namespace mxswitch::dashboards
