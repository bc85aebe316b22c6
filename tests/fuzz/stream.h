// A stream of bytes comes in pieces of any size: a reader must find the same in it either way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace mxswitch::fuzz {

// What a reader found, as text, and whether it gave up; `take` is called as
// `Result<std::optional<T>> take(std::string_view piece)` with an empty piece for "what else?".
template <class Take, class Describe>
std::vector<std::string> read_pieces(std::string_view bytes, std::size_t size, Take take,
                                     Describe describe) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < bytes.size(); begin += size) {
    std::string_view piece = bytes.substr(begin, size);
    for (;;) {
      const auto next = take(std::exchange(piece, {}));
      if (!next) {
        found.push_back("given up");
        return found;
      }
      if (!*next) break;
      found.push_back(describe(**next));
    }
  }
  return found;
}

}  // namespace mxswitch::fuzz
