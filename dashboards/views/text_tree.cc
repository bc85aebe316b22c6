#include "dashboards/views/text_tree.h"

#include "dashboards/views/escape.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::size_t kNarrowest = 20;  // a line holds at least this much, however deep it stands

// At blanks; a word that is longer than the room stands alone and is cut with its line.
std::vector<std::string> wrapped(std::string_view text, std::size_t room) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool fits = columns(lines.back()) + 1 + columns(word) <= room;
    if (!lines.back().empty() && !fits) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Margin {
  std::string first, next;  // before the first line, and before all that follows it
};

void add_branch(Canvas& canvas, const Branch& branch, const Margin& margin, std::size_t width) {
  const std::string hang = branch.below.empty() ? "" : "|";
  const std::size_t taken = columns(margin.next) + 2;
  const std::size_t room = width == 0 ? std::string::npos - taken - 1
                                      : std::max(kNarrowest, width > taken ? width - taken : 0);
  const auto lines = wrapped(printable(branch.text), room);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string before = i == 0 ? margin.first : margin.next + (hang.empty() ? "  " : "| ");
    canvas.line({{before, Colour::dim}, {lines[i], branch.colour}});
  }
  for (std::size_t i = 0; i < branch.below.size(); ++i) {
    const bool last = i + 1 == branch.below.size();
    const Margin inner{margin.next + (last ? "`- " : "|- "), margin.next + (last ? "   " : "|  ")};
    add_branch(canvas, branch.below[i], inner, width);
  }
}

}  // namespace

void add_tree(Canvas& canvas, const Branch& root, std::size_t width) {
  add_branch(canvas, root, {}, width);
}

}  // namespace mxswitch::dashboards
