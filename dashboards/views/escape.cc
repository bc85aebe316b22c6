#include "dashboards/views/escape.h"

#include <algorithm>
#include <cstdint>

#include "probes/base/utf8.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The octets of the code point at the front; 0 if they are no valid UTF-8, or one that XML forbids.
std::size_t valid_length(std::string_view text) {
  const auto point = first_code_point(text);
  return !point || point->value == 0xFFFE || point->value == 0xFFFF ? 0 : point->octets;
}

struct Range {
  std::uint32_t first, last;
};
// Marks that stand on the letter before them, joiners and selectors.
constexpr Range kNoColumn[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
// East Asian wide and full-width letters (UAX 11), and pictures.
constexpr Range kTwoColumns[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},
                                 {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
                                 {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},
                                 {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
                                 {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

std::size_t columns_of(std::uint32_t point) {
  const auto holds = [point](const Range& range) {
    return point >= range.first && point <= range.last;
  };
  if (point < kNoColumn[0].first) return 1;
  if (std::ranges::any_of(kNoColumn, holds)) return 0;
  return std::ranges::any_of(kTwoColumns, holds) ? 2 : 1;
}

std::string_view reference_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

bool is_control(std::string_view point) {
  const auto lead = static_cast<unsigned char>(point.front());
  if (point.size() == 1) return lead < 0x20 || lead == 0x7F;
  // C1 controls: U+0080 to U+009F; some terminals obey them as they do ESC [.
  if (point.size() == 2) return lead == 0xC2 && static_cast<unsigned char>(point[1]) < 0xA0;
  // Marks that turn the direction of the text: U+202A to U+202E and U+2066 to U+2069.
  if (point.size() != 3 || lead != 0xE2) return false;
  const auto middle = static_cast<unsigned char>(point[1]);
  const auto last = static_cast<unsigned char>(point[2]);
  return (middle == 0x80 && last >= 0xAA && last <= 0xAE) ||
         (middle == 0x81 && last >= 0xA6 && last <= 0xA9);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::size_t length = valid_length(text);
    const std::string_view point = text.substr(0, length == 0 ? 1 : length);
    const bool blank = point == "\n" || point == "\t";
    if (const auto reference = reference_of(point.front()); !reference.empty()) {
      out += reference;
    } else if (length == 0 || (is_control(point) && !blank)) {
      out += kReplacement;
    } else {
      out += point;
    }
    text.remove_prefix(point.size());
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = valid_length(text);
    const std::string_view point = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(point)) {
      out += '?';
    } else {
      out += point;
    }
    text.remove_prefix(point.size());
  }
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto next = first_code_point(text);
    count += next ? columns_of(static_cast<std::uint32_t>(next->value)) : 1;
    text.remove_prefix(next ? std::max<std::size_t>(1, next->octets) : 1);
  }
  return count;
}

std::string cut(std::string_view text, std::size_t width, bool ascii) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0, shown = 0;
  while (end < text.size()) {
    const std::size_t length = std::max<std::size_t>(1, valid_length(text.substr(end)));
    shown += columns(text.substr(end, length));
    if (shown > width - 1) break;
    end += length;
  }
  return std::string(text.substr(0, end)) + (ascii ? "." : "…");
}

}  // namespace mxswitch::dashboards
