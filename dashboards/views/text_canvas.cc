#include "dashboards/views/text_canvas.h"

#include <fmt/format.h>

#include <algorithm>

#include "dashboards/views/escape.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::size_t kLabelWidth = 16;
constexpr std::size_t kGap = 2;
constexpr std::size_t kWidestCell = 44;

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::blue:
      return "\x1b[94m";
    case Colour::red:
      return "\x1b[31m";
  }
  return "";
}

// Typographic signs of ours and letters of others alike; one column each.
std::string to_ascii(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += text[i];
    } else if ((c & 0xC0) != 0x80) {
      out += '?';
    }
  }
  return out;
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string render(const Line& line, const TextOptions& options) {
  std::string out;
  std::size_t left = options.width == 0 ? std::string::npos : options.width;
  for (std::size_t i = 0; i < line.size() && left > 0; ++i) {
    std::string text = options.ascii ? to_ascii(line[i].text) : printable(line[i].text);
    if (options.ascii) text = printable(text);
    text = cut(text, left, options.ascii);
    if (i + 1 == line.size()) text.erase(text.find_last_not_of(' ') + 1);
    left -= std::min(left, columns(text));
    const bool painted = options.colour && line[i].colour != Colour::plain && !text.empty();
    out += painted ? fmt::format("{}{}\x1b[0m", code_of(line[i].colour), text) : text;
  }
  return out;
}

}  // namespace

Colour colour_of(std::string_view word) {
  for (const auto good : {"new", "pass", "ready", "answering", "yes"}) {
    if (word == good) return Colour::green;
  }
  for (const auto awaited : {"old", "waits", "no", "stale"}) {
    if (word == awaited) return Colour::blue;
  }
  for (const auto bad : {"foreign", "fail", "lame", "unreachable"}) {
    if (word == bad) return Colour::red;
  }
  return word == "not asked" ? Colour::dim : Colour::yellow;
}

Canvas& Canvas::line(Line spans) {
  lines_.push_back(std::move(spans));
  return *this;
}

Canvas& Canvas::line(std::string text, Colour colour) {
  return line(Line{Span{std::move(text), colour}});
}

Canvas& Canvas::labelled(std::string_view label, Line spans) {
  const std::size_t width = std::max(kLabelWidth, columns(label) + 1);
  spans.insert(spans.begin(), Span{pad(label, width), Colour::dim});
  return line(std::move(spans));
}

std::size_t Canvas::room_for_rows(std::size_t rows, std::size_t below) const {
  if (options_.height == 0) return rows;
  const std::size_t taken = lines_.size() + below;
  // At least the worst row is shown, however small the terminal is.
  const std::size_t room = options_.height > taken + 1 ? options_.height - taken : 1;
  return rows <= room ? rows : std::max<std::size_t>(1, room - 1);
}

Canvas& Canvas::table(const std::vector<std::string>& header,
                      const std::vector<std::vector<Span>>& rows, std::size_t below) {
  std::vector<std::size_t> widths;
  for (const auto& title : header) widths.push_back(columns(title));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(columns(row[i].text), kWidestCell));
    }
  }
  const auto laid_out = [&](const std::vector<Span>& cells) {
    Line out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool last = i + 1 == cells.size();
      const std::string text = last ? cells[i].text : cut(cells[i].text, widths[i], options_.ascii);
      out.push_back({last ? text : pad(text, widths[i] + kGap), cells[i].colour});
    }
    return out;
  };
  std::vector<Span> titles;
  for (const auto& title : header) titles.push_back({title, Colour::dim});
  line(laid_out(titles));
  const std::size_t shown = room_for_rows(rows.size(), below);
  for (std::size_t i = 0; i < shown; ++i) line(laid_out(rows[i]));
  if (shown < rows.size()) line(fmt::format("+{} more", rows.size() - shown), Colour::dim);
  return *this;
}

std::string Canvas::text() const {
  std::string out;
  for (const auto& spans : lines_) out += render(spans, options_) + "\n";
  return out;
}

std::string bar(int part, int whole, std::size_t width) {
  const double share = whole > 0 ? static_cast<double>(part) / whole : 0;
  // A full bar only for all, an empty one only for none.
  auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  if (part > 0) filled = std::max<std::size_t>(filled, 1);
  filled = std::min(filled, part < whole ? width - 1 : width);
  return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

}  // namespace mxswitch::dashboards
