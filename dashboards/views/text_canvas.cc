#include "dashboards/views/text_canvas.h"

#include <fmt/format.h>

#include <algorithm>

#include "dashboards/views/escape.h"
#include "dashboards/views/text_table.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::size_t kLabelWidth = 16;
constexpr std::size_t kNarrowest = 20;  // columns of a sentence, however deep it stands

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

void trim_end(Line& line) {
  while (!line.empty()) {
    std::string& text = line.back().text;
    text.erase(text.find_last_not_of(' ') + 1);
    if (!text.empty()) return;
    line.pop_back();
  }
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

Line shown(Line spans, const TextOptions& options) {
  for (Span& span : spans)
    span.text = printable(options.ascii ? to_ascii(span.text) : std::move(span.text));
  return spans;
}

Canvas& Canvas::hanging(const std::string& margin, const std::string& hang, Line spans) {
  const auto room = [&](const std::string& before) {
    const std::size_t taken = columns(before);
    if (options_.width == 0) return std::string::npos;
    return std::max(kNarrowest, options_.width > taken ? options_.width - taken : 0);
  };
  auto parts = wrapped(shown(std::move(spans), options_), room(margin), room(hang));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].insert(parts[i].begin(), Span{i == 0 ? margin : hang, Colour::dim});
    trim_end(parts[i]);
    lines_.push_back(std::move(parts[i]));
  }
  return *this;
}

Canvas& Canvas::add(const std::vector<Line>& laid_out) {
  lines_.insert(lines_.end(), laid_out.begin(), laid_out.end());
  return *this;
}

Canvas& Canvas::line(Line spans) { return hanging("", "  ", std::move(spans)); }

Canvas& Canvas::line(std::string text, Colour colour) {
  return line(Line{Span{std::move(text), colour}});
}

Canvas& Canvas::labelled(std::string_view label, Line spans) {
  const std::string name = shown({Span{std::string(label)}}, options_).front().text;
  const std::string hang(kLabelWidth, ' ');
  const std::size_t taken = columns(name);
  if (taken < kLabelWidth)
    return hanging(name + std::string(kLabelWidth - taken, ' '), hang, std::move(spans));
  // A domain may be longer than the column: it has a line of its own where both do not fit.
  if (options_.width == 0 || taken + 1 + columns(spans) <= options_.width)
    return hanging(name + " ", hang, std::move(spans));
  hanging("", "  ", {Span{name, Colour::dim}});
  return hanging(hang, hang, std::move(spans));
}

Canvas& Canvas::table(const std::vector<std::string>& header, const std::vector<Line>& rows,
                      std::size_t sentences) {
  for (const auto& row : laid_out(header, rows, sentences, options_)) add(row);
  return *this;
}

std::string Canvas::text() const { return text_of(lines_, options_); }

std::string text_of(const std::vector<Line>& lines, const TextOptions& options) {
  std::string out;
  for (const Line& line : lines) {
    for (const Span& span : line) {
      const bool painted = options.colour && span.colour != Colour::plain && !span.text.empty();
      out += painted ? fmt::format("{}{}\x1b[0m", code_of(span.colour), span.text) : span.text;
    }
    out += '\n';
  }
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
