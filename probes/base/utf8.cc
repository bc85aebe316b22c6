#include "probes/base/utf8.h"

#include <algorithm>

namespace mxswitch {
namespace {

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) return std::nullopt;
  char32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return std::nullopt;
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return std::nullopt;
  return CodePoint{point, length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point) return false;
    text.remove_prefix(point->octets);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const auto point = first_code_point(text);
    text.remove_prefix(point ? point->octets : 1);
  }
  return count;
}

std::string_view cut_to_octets(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return text;
  std::size_t end = octets;
  while (end > 0 && octets - end < 3 && is_continuation(text[end])) --end;
  // Where no character begins within three octets it is no UTF-8, and any cut is as good.
  return text.substr(0, is_continuation(text[end]) ? octets : end);
}

}  // namespace mxswitch
