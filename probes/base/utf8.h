// UTF-8 (RFC 3629), which text from outside is held to. Pure; any bytes may come.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mxswitch {

struct CodePoint {
  char32_t value = 0;
  std::size_t octets = 0;
};

// The code point at the front of what is not empty; none where no valid one begins.
std::optional<CodePoint> first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

// Characters as a person counts what was typed; an octet that is no UTF-8 counts as one.
std::size_t count_code_points(std::string_view text);

// The longest front of at most `octets` octets that does not end within a character.
std::string_view cut_to_octets(std::string_view text, std::size_t octets);

}  // namespace mxswitch
