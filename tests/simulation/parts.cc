#include "tests/simulation/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mxswitch::simulation {

std::string head(std::string_view kind, std::uint64_t seed, std::string_view owner) {
  return fmt::format(
      "title {} world, seed {}\nseed {}\nowner {}\nset old 10 mail.shop.example\n"
      "set new 10 mx1.filter.example, 20 mx2.filter.example\n",
      kind, seed, seed & 0x7fffffff, owner);
}

std::uint64_t between(Chance& chance, std::uint64_t low, std::uint64_t high) {
  return low + chance.below(high - low + 1);
}

std::uint32_t some_ttl(Chance& chance) {
  static constexpr std::array<std::uint32_t, 10> kTtls = {60,   300,  300,  900,   1800,
                                                          3600, 3600, 3600, 14400, 86400};
  return kTtls[chance.below(kTtls.size())];
}

std::string end_after(std::uint64_t last, std::uint32_t ttl, std::uint64_t patience) {
  return fmt::format("end {}s\n", last + std::max<std::uint64_t>(3600, ttl) + patience);
}

}  // namespace mxswitch::simulation
