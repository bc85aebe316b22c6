// A view in a terminal that may be too low for all of it: whole parts leave, those that matter
// least first, and a line says how many lines there are more.
#pragma once

#include <deque>
#include <string>

#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {

// What leaves last. The answer stays whatever the height is.
enum class Keep { answer, evidence, last_word, notes, hints, details, rows };

class Screenful {
 public:
  // `all`: how to see what does not fit, for the line that says so.
  Screenful(const TextOptions& options, std::string all)
      : options_(options), all_(std::move(all)) {}

  // A part to draw on; it is shown whole or not at all. Parts stand in the order of these calls.
  Canvas& part(Keep keep);
  // The header and the first `kept` rows are evidence, the others rows. Below them stands the line
  // that says what is not shown.
  void table(const std::vector<std::string>& header, const std::vector<Line>& rows,
             std::size_t kept);
  std::string text() const;

 private:
  struct Part {
    Keep keep;
    Canvas canvas;
    bool marks_the_rest = false;
  };
  std::vector<bool> leave() const;

  TextOptions options_;
  std::string all_;
  std::deque<Part> parts_;
};

}  // namespace mxswitch::dashboards
