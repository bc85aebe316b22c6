#include "tests/simulation/telling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mxswitch::simulation {

Telling::Telling(Chance& its, std::uint32_t old_ttl) : chance(its) {
  story.ttl = old_ttl;
  new_ttl = chance.below(2) == 0 ? old_ttl : some_ttl(chance);
  story.longest = std::max(old_ttl, new_ttl);
  story.change = story.last = between(chance, 3600, 7200);
}

void Telling::at(std::uint64_t when, const std::string& what) {
  add(fmt::format("at {}s {}", when, what));
}

void Telling::change_at(std::uint64_t when, const std::string& what) {
  story.last = std::max(story.last, when);
  at(when, what);
}

void Telling::serve(std::uint64_t when, const std::string& server, const char* set,
                    std::uint32_t ttl) {
  change_at(when, fmt::format("serve {} {} ttl {}", server, set, ttl));
}

void Telling::authorities(std::uint64_t count, const char* set, const std::string& traits) {
  for (std::uint64_t i = 1; i <= count; ++i)
    add(fmt::format("authority {} 198.51.100.{} serves {} ttl {} serial 7{}", server_name(i),
                    10 + i, set, story.ttl, traits));
}

void Telling::announced_watch() {
  if (chance.below(2) == 0) add(fmt::format("declare changed_at {}s", story.change));
  at(0, "watch");
}

void Telling::say_history() {
  constexpr std::uint64_t kDay = 86400;
  const std::uint64_t how = chance.below(10);
  if (how == 0)
    story.patience = std::max(story.patience, kDay + story.patience);
  else if (how == 1)
    add(fmt::format("policy history_ttl {}s", chance.below(2) * story.ttl));
  else
    add(fmt::format("declare old_ttl {}", story.ttl));
}

void Telling::say_history_of_records() {
  constexpr std::uint64_t kDay = 86400;
  if (chance.below(8) == 0)
    story.patience += kDay;
  else
    add(fmt::format("policy history_ttl {}s", chance.below(2) * story.longest));
}

void Telling::root_servers() {
  for (int i = 1; i <= 2; ++i)
    add(fmt::format("control 192.0.2.20{0}\ncontrol 2001:db8:53::{0}", i));
}

void Telling::stale_caches() {
  static constexpr std::array kRechecks = {30, 120, 900};
  for (const int recheck : kRechecks) {
    add(fmt::format("resolvers 1 stale-on-failure recheck {} clients {}s", recheck,
                    between(chance, 5, 1200)));
    add(fmt::format("resolvers {} stale-on-failure recheck {} clients {}s unlisted",
                    between(chance, 5, 15), recheck, between(chance, 5, 1200)));
  }
}

void Telling::change(std::uint64_t count) {
  serve(story.change, server_name(1), "new", new_ttl);
  for (std::uint64_t i = 2; i <= count; ++i) {
    const std::uint64_t most = chance.below(4) == 0 ? 2 * 3600 : 900;  // split brain, or a lag
    serve(after(story.change, most), server_name(i), "new", new_ttl);
  }
}

void Telling::befall_watch(std::uint64_t from, bool may_sleep) {
  static constexpr std::array kEvents = {"restart", "restart rebooted", "restart unsynchronised",
                                         "restart jumped", "suspend 20m"};
  if (chance.below(6) != 0) return;
  const std::size_t which = chance.below(kEvents.size() - (may_sleep ? 0U : 1U));
  at(from + between(chance, 1, 2 * 3600), kEvents[which]);
}

std::uint64_t Telling::after(std::uint64_t when, std::uint64_t most) {
  return when + between(chance, 0, most);
}

std::string server_name(std::uint64_t number) { return fmt::format("ns{}.shop.example", number); }

}  // namespace mxswitch::simulation
