// A tree of sentences for the terminal: nothing is cut, long ones go on under themselves.
#pragma once

#include <string>
#include <vector>

#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {

struct Branch {
  std::string text;
  Colour colour = Colour::plain;
  std::vector<Branch> below = {};

  Branch& add(std::string sentence, Colour paint = Colour::plain) {
    return below.emplace_back(Branch{std::move(sentence), paint, {}});
  }
};

// The root stands at the margin, what is below it under "|- " and "`- ". `width` in columns;
// 0: lines have no end.
void add_tree(Canvas& canvas, const Branch& root, std::size_t width);

}  // namespace mxswitch::dashboards
