#include "dashboards/views/text_tree.h"

namespace mxswitch::dashboards {
namespace {

struct Margin {
  std::string first, next;  // before the first line, and before all that follows it
};

void add_branch(Canvas& canvas, const Branch& branch, const Margin& margin) {
  canvas.hanging(margin.first, margin.next + (branch.below.empty() ? "  " : "| "),
                 {{branch.text, branch.colour}});
  for (std::size_t i = 0; i < branch.below.size(); ++i) {
    const bool last = i + 1 == branch.below.size();
    const Margin inner{margin.next + (last ? "`- " : "|- "), margin.next + (last ? "   " : "|  ")};
    add_branch(canvas, branch.below[i], inner);
  }
}

}  // namespace

void add_tree(Canvas& canvas, const Branch& root) { add_branch(canvas, root, {}); }

}  // namespace mxswitch::dashboards
