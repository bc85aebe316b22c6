// Stories of servers and networks: both address families, silence of one, of all, and of our own.
#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

constexpr std::uint64_t kPollsOfOldTtl = 288, kSilentPoll = 40;

// Around the change, and up to the end of the drain.
std::uint64_t some_moment(Telling& told) {
  const std::uint64_t drain = std::max<std::uint64_t>(3600, told.story.longest);
  return told.after(told.story.change - 1800, 1800 + drain + 900);
}

void fall_silent(Telling& told, const std::string& server, std::uint64_t from,
                 std::uint64_t until) {
  const char* how = told.chance.below(4) == 0 ? "refuse " : "down ";
  told.at(from, how + server);
  told.at(until, "up " + server);
}

// So many servers with a lag of their own, watched from the beginning.
void tell_servers(Telling& told, std::uint64_t servers) {
  told.authorities(servers);
  told.announced_watch();
  told.say_history();
  told.root_servers();
  told.change(servers);
}

void some_caches_of_one_family(Telling& told) {
  for (const char* family : {"only-v4", "only-v6"})
    told.add(fmt::format("resolvers {} {} clients {}s unlisted", between(told.chance, 2, 10),
                         family, between(told.chance, 5, 1200)));
}

}  // namespace

void tell_ipv6_alone(Telling& told) {
  tell_servers(told, between(told.chance, 1, 2));
  const char* kSixth = "ns6.shop.example";
  told.add(fmt::format("authority {} 2001:db8::16 serves old ttl {}", kSixth, told.story.ttl));
  told.serve(told.after(told.story.change, 2 * 3600), kSixth, "new", told.new_ttl);
  some_caches_of_one_family(told);
  told.befall_watch(told.story.change);
}

void tell_other_box(Telling& told) {
  tell_servers(told, between(told.chance, 1, 2));
  const char* kFourth = "198.51.100.17";
  const char* kSixth = "2001:db8::17";
  for (const char* address : {kFourth, kSixth})
    told.add(
        fmt::format("authority ns7.shop.example {} serves old ttl {}", address, told.story.ttl));
  told.serve(told.after(told.story.change, 900), kFourth, "new", told.new_ttl);
  told.serve(told.after(told.story.change, 3 * 3600), kSixth, "new", told.new_ttl);
  some_caches_of_one_family(told);
  told.befall_watch(told.story.change);
}

// It follows the change whether it is heard or not, or comes back with the old set.
void tell_one_dark(Telling& told) {
  const std::uint64_t servers = between(told.chance, 2, 3);
  tell_servers(told, servers);
  told.stale_caches();
  for (std::uint64_t i = between(told.chance, 1, 2); i > 0; --i) {
    const std::uint64_t from = some_moment(told);
    fall_silent(told, server_name(between(told.chance, 1, servers)), from,
                from + between(told.chance, 20, told.chance.below(4) == 0 ? 7200 : 900));
  }
  told.befall_watch(told.story.change);
}

// For long enough that a watch can know: two polls of the drain fail, and a minute passes.
void tell_all_dark(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  tell_servers(told, servers);
  told.stale_caches();
  const std::uint64_t poll = std::min<std::uint64_t>(
      kLongestPoll, std::max<std::uint64_t>(30, told.story.ttl / kPollsOfOldTtl));
  const std::uint64_t from = some_moment(told);
  const std::uint64_t until = from + between(told.chance, poll + 60 + kSilentPoll, 3600);
  for (std::uint64_t i = 1; i <= servers; ++i)
    fall_silent(told, server_name(i), told.after(from, 5), until);
  told.befall_watch(told.story.change);
}

void tell_uplink_dead(Telling& told) {
  tell_servers(told, between(told.chance, 1, 3));
  told.stale_caches();
  const std::uint64_t from = some_moment(told);
  told.at(from, "lose uplink");
  told.at(from + between(told.chance, 30, 2400), "regain uplink");
  told.befall_watch(told.story.change);
}

// What caches got from it is the plan's own risk, and counted apart.
void tell_ignored_dies(Telling& told) {
  const std::uint64_t servers = between(told.chance, 2, 3);
  tell_servers(told, servers);
  const std::string relic = "ns9.shop.example";
  const bool old = told.chance.below(2) == 0;  // then it never comes back: caches show what it says
  told.add(fmt::format("authority {} 198.51.100.19 serves {} ttl {}", relic, old ? "old" : "new",
                       told.story.ttl));
  told.add("ignore " + relic + " a relic");
  const std::uint64_t from = some_moment(told);
  told.at(from, "down " + relic);
  if (!old && told.chance.below(2) == 0)
    told.at(from + between(told.chance, 60, 7200), "up " + relic);
  told.befall_watch(told.story.change);
}

}  // namespace mxswitch::simulation
