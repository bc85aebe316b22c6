// What random worlds are put together from, as lines of *.scn; times are seconds since the start.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "monitor/simulation/chance.h"

namespace mxswitch::simulation {

using monitor::simulation::Chance;

inline constexpr std::uint64_t kLongestPoll = 300;  // seconds between two polls of an authority

std::string head(std::string_view kind, std::uint64_t seed, std::string_view owner);
std::uint64_t between(Chance& chance, std::uint64_t low, std::uint64_t high);
std::uint32_t some_ttl(Chance& chance);  // mostly an hour or less, seldom a day
std::string end_after(std::uint64_t last, std::uint32_t ttl, std::uint64_t patience = 8 * 3600);

}  // namespace mxswitch::simulation
