// Random numbers of the system's source, fetched many at once: a system call a number would cost a
// query more than its encoding. Not for several threads.
#pragma once

#include <stdlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace mxswitch::probes {

class RandomPool {
 public:
  std::uint32_t next() {
    if (left_ == 0) {
      ::arc4random_buf(numbers_.data(), sizeof numbers_);
      left_ = numbers_.size();
    }
    return std::exchange(numbers_[--left_], 0);
  }

  // From 0 to `end` - 1, all alike; `end` is at least 1.
  std::uint32_t below(std::uint32_t end) {
    const std::uint32_t unfair = (0u - end) % end;  // that many of the lowest would come once more
    std::uint32_t number = next();
    while (number < unfair) number = next();
    return number % end;
  }

 private:
  std::array<std::uint32_t, 256> numbers_{};
  std::size_t left_ = 0;
};

}  // namespace mxswitch::probes
