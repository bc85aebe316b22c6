// What every fuzz target needs: the entry point of libFuzzer, and a check that ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mxswitch::fuzz {

// A broken property is a find like a crash.
inline void require(bool holds) {
  if (!holds) std::abort();
}

inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace mxswitch::fuzz
