#include "dashboards/views/text_table.h"

#include <algorithm>

#include "dashboards/views/escape.h"
#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kWidestPadded = 44;  // in a pipe a longer cell moves its own row alone
constexpr std::size_t kNarrowest = 10, kNarrow = 20;
constexpr std::size_t kRoomForRemark = 28, kLeastRemark = 12;
constexpr std::size_t kRoomForSentence = 32;  // less of it beside the row reads badly

using Rows = std::vector<Line>;
using Widths = std::vector<std::size_t>;

Widths natural_widths(const Rows& rows, std::size_t count, const TextOptions& options) {
  const std::size_t most = options.width == 0 ? kWidestPadded : options.width;
  Widths widths(count, 0);
  for (const Line& row : rows) {
    for (std::size_t i = 0; i < std::min(row.size(), count); ++i)
      widths[i] = std::max(widths[i], std::min(columns(row[i].text), most));
  }
  return widths;
}

std::size_t taken_by(const Widths& widths) {
  std::size_t taken = 0;
  for (const std::size_t width : widths) taken += width + kGap;
  return taken;
}

// The widest columns give way until all of them fit, or are as narrow as they may be.
void shrink(Widths& widths, std::size_t room, std::size_t narrowest) {
  while (!widths.empty() && taken_by(widths) > room + kGap) {
    const auto widest = std::ranges::max_element(widths);
    if (*widest <= narrowest) return;
    --*widest;
  }
}

// The last column holds remarks: it gets what is left, which should be some words or nothing.
void shrink_with_remark(Widths& widths, std::size_t width) {
  if (widths.empty() || taken_by(widths) <= width + kGap) return;
  const std::size_t wanted = std::min(widths.back(), kRoomForRemark);
  widths.pop_back();
  Widths narrow = widths;
  shrink(narrow, width > wanted + kGap ? width - wanted - kGap : 0, kNarrow);
  const std::size_t taken = taken_by(narrow);
  std::size_t left = width > taken ? width - taken : 0;
  if (left < std::min(wanted, kLeastRemark)) {
    shrink(widths, width, kNarrowest);
    left = 0;
  } else {
    widths = narrow;
  }
  widths.push_back(left);
}

// The cells before column `end`, padded; `last`: nothing follows them.
Line cells_of(const Line& row, const Widths& widths, std::size_t end, bool last,
              const TextOptions& options) {
  Line line;
  for (std::size_t i = 0; i < std::min(row.size(), end); ++i) {
    std::string text = row[i].text;
    if (options.width > 0) text = cut(text, widths[i], options.ascii);
    if (i + 1 < end || !last) {
      const std::size_t used = columns(text);
      text += std::string((used < widths[i] ? widths[i] - used : 0) + kGap, ' ');
    }
    line.push_back({std::move(text), row[i].colour});
  }
  return line;
}

// One line, whatever its length: `fixed` columns in their widths, then the sentences.
std::vector<Line> in_one_line(const Line& row, const Widths& widths, std::size_t fixed,
                              const TextOptions& options) {
  Canvas canvas(TextOptions{.width = 0, .ascii = options.ascii});
  Line line = cells_of(row, widths, fixed, fixed == row.size(), options);
  for (std::size_t i = fixed; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    const std::size_t used = columns(row[i].text);
    const std::size_t pad = last ? 0 : (used < widths[i] ? widths[i] - used : 0) + kGap;
    line.push_back({row[i].text + std::string(pad, ' '), row[i].colour});
  }
  return canvas.line(std::move(line)).lines();
}

// The one sentence of a row goes on under itself.
std::vector<Line> beside(const Line& row, const Widths& widths, std::size_t fixed,
                         const TextOptions& options) {
  const std::string hang(taken_by(widths), ' ');
  Canvas canvas(options);
  Line line = cells_of(row, widths, fixed, false, options);
  if (row.size() > fixed) line.push_back(row[fixed]);
  return canvas.hanging("", hang, std::move(line)).lines();
}

// Sentences stand below their row; the header names none of them.
std::vector<Line> below(const Line& row, const Widths& widths, std::size_t fixed,
                        const TextOptions& options) {
  Canvas canvas(options);
  canvas.line(cells_of(row, widths, fixed, true, options));
  for (std::size_t i = fixed; i < row.size(); ++i) {
    if (!row[i].text.empty() && row[i].text != "-") canvas.hanging("  ", "  ", {row[i]});
  }
  return canvas.lines();
}

Rows with_header(const std::vector<std::string>& header, const Rows& rows,
                 const TextOptions& options) {
  Rows all(1);
  for (const std::string& title : header) all.front().push_back({title, Colour::dim});
  for (const Line& row : rows) all.push_back(shown(row, options));
  return all;
}

}  // namespace

std::vector<std::vector<Line>> laid_out(const std::vector<std::string>& header,
                                        const std::vector<Line>& rows, std::size_t sentences,
                                        const TextOptions& options) {
  Rows all = with_header(header, rows, options);
  const std::size_t fixed = header.size() - std::min(sentences, header.size());
  const Widths whole = natural_widths(all, header.size(), options);
  Widths widths(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(fixed));
  const auto fits = [&](const Line& row) {
    Widths mine = whole;
    if (!row.empty()) mine.back() = columns(row.back().text);
    for (std::size_t i = fixed; i + 1 < row.size(); ++i)
      mine[i] = std::max(mine[i], columns(row[i].text));
    return taken_by(mine) <= options.width + kGap;
  };
  const bool one_line = options.width == 0 || std::ranges::all_of(all, fits);
  const bool room_beside = sentences == 1 && taken_by(widths) + kRoomForSentence <= options.width;
  if (!one_line && sentences == 0) shrink_with_remark(widths, options.width);
  if (!one_line && !room_beside) {
    shrink(widths, options.width, kNarrowest);
    all.front().resize(fixed);
  }
  std::vector<std::vector<Line>> lines;
  for (const Line& row : all) {
    lines.push_back(one_line      ? in_one_line(row, whole, fixed, options)
                    : room_beside ? beside(row, widths, fixed, options)
                                  : below(row, widths, fixed, options));
  }
  return lines;
}

}  // namespace mxswitch::dashboards
