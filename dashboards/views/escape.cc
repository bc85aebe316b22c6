#include "dashboards/views/escape.h"

#include "probes/base/utf8.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The octets of the code point at the front; 0 if they are no valid UTF-8, or one that XML forbids.
std::size_t valid_length(std::string_view text) {
  const auto point = first_code_point(text);
  return !point || point->value == 0xFFFE || point->value == 0xFFFF ? 0 : point->octets;
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
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::string cut(std::string_view text, std::size_t width, bool ascii) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0, shown = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (shown == width - 1) break;
    end = next;
    ++shown;
  }
  return std::string(text.substr(0, end)) + (ascii ? "." : "…");
}

}  // namespace mxswitch::dashboards
