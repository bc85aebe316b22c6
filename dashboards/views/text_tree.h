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

// The root stands at the margin, what is below it under "|- " and "`- ".
void add_tree(Canvas& canvas, const Branch& root);

}  // namespace mxswitch::dashboards
