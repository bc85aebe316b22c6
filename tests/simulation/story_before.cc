// Stories of what was so before the watch began, and of what stood there before the change.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

constexpr std::uint32_t kDay = 86400;

// Caches are filled under the first TTL; the watch sees the second one alone.
void tell_lowered(Telling& told, std::uint32_t first_ttl) {
  Story& story = told.story;
  story.ttl = first_ttl;
  const std::uint64_t servers = between(told.chance, 1, 3);
  told.authorities(servers);
  static constexpr std::array<std::uint32_t, 3> kLowered = {60, 300, 900};
  const std::uint32_t lowered = kLowered[told.chance.below(kLowered.size())];
  const std::uint64_t when = between(told.chance, 1800, 3 * 3600);
  for (std::uint64_t i = 1; i <= servers; ++i)
    told.at(when + i * 5, fmt::format("serve {} old ttl {}", server_name(i), lowered));
  const std::uint64_t watch =
      when + 30 + told.chance.below(std::min<std::uint64_t>(first_ttl, 4 * 3600));
  story.change = story.last = watch + between(told.chance, 600, 3600);
  if (told.chance.below(2) == 0) told.add(fmt::format("declare changed_at {}s", story.change));
  told.at(watch, "watch");
  told.change(servers);
  story.copies_unseen = told.chance.below(2) == 0;
  // Copies that are in view may say more than the plan does, and then a day at least is waited for.
  story.longest = std::max({story.longest, first_ttl, kDay});
  told.befall_watch(story.change);
}

}  // namespace

void tell_lowered_unsaid(Telling& told) {
  static constexpr std::array<std::uint32_t, 3> kFirst = {3600, 14400, kDay};
  tell_lowered(told, kFirst[told.chance.below(kFirst.size())]);
}

void tell_lowered_said(Telling& told) {
  static constexpr std::array<std::uint32_t, 4> kFirst = {3600, 14400, kDay, 2 * kDay};
  const std::uint32_t first = kFirst[told.chance.below(kFirst.size())];
  told.add(fmt::format("declare old_ttl {}", first));
  tell_lowered(told, first);
}

// No cache keeps for more than three hours that there is nothing.
void tell_absent_before(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  told.add("set none nothing");
  told.authorities(servers, "none");
  told.announced_watch();
  if (told.chance.below(2) == 0) told.add(fmt::format("declare old_ttl {}", told.story.ttl));
  told.change(servers);
  told.befall_watch(told.story.change);
}

}  // namespace mxswitch::simulation
