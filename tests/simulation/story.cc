#include "tests/simulation/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

// Long enough before the change that a poll sees the first TTL and the second.
void lower_ttl(Telling& told, std::uint64_t servers) {
  const std::uint64_t when =
      between(told.chance, 2 * kLongestPoll, told.story.change - 2 * kLongestPoll);
  for (std::uint64_t i = 1; i <= servers; ++i)
    told.at(when + i * 5, fmt::format("serve {} old ttl 60", server_name(i)));
}

// Back to the old set, for longer than two polls are apart, and on again.
void roll_back(Telling& told, std::uint64_t servers) {
  const std::uint64_t back = told.story.last + between(told.chance, 2 * kLongestPoll, 2 * 3600);
  const std::uint64_t again = back + between(told.chance, 2 * kLongestPoll + 60, 3600);
  const std::uint64_t only = told.chance.below(2) == 0 ? between(told.chance, 1, servers) : 0;
  for (std::uint64_t i = 1; i <= servers; ++i) {
    if (only != 0 && only != i) continue;
    told.serve(back, server_name(i), "old", told.story.ttl);
    told.serve(again, server_name(i), "new", told.new_ttl);
  }
}

void fail_for_a_while(Telling& told, std::uint64_t servers) {
  const std::uint64_t when = told.story.change + between(told.chance, 60, 1800);
  const std::string server = server_name(between(told.chance, 1, servers));
  told.at(when, "down " + server);
  told.at(when + between(told.chance, 30, 200), "up " + server);
}

void tell_plain(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  told.authorities(servers);
  told.announced_watch();
  told.say_history();
  if (told.chance.below(5) == 0) lower_ttl(told, servers);
  told.change(servers);
  const std::uint64_t what = told.chance.below(6);
  if (what == 0) roll_back(told, servers);
  if (what == 1) fail_for_a_while(told, servers);
  // A sleep through all of a rollback would make a flap of it that nobody can see.
  told.befall_watch(told.story.change, what != 0);
}

// Who begins after the change declares when it was over and the TTL of before; who begins in the
// middle sees one server that is behind, and must say only that a TTL was lowered.
void tell_late_watch(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  const Story& story = told.story;
  told.authorities(servers);
  const bool lowered = told.chance.below(5) == 0;
  if (lowered) lower_ttl(told, servers);
  told.change(servers);
  const bool midway = story.last > story.change && told.chance.below(3) == 0;
  std::uint64_t watch = 0;
  if (midway) {
    watch = between(told.chance, story.change, story.last - 1);
    if (told.chance.below(2) == 0) told.add(fmt::format("declare changed_at {}s", story.change));
  } else {
    watch = told.after(story.last + 1, std::min<std::uint64_t>(2 * story.ttl, 2 * 3600));
    told.add(fmt::format("declare changed_at {}s", story.last));
    if (told.chance.below(2) == 0) told.add("declare old old");
  }
  if (lowered || !midway)
    told.add(fmt::format("declare old_ttl {}", story.ttl));
  else
    told.say_history();
  told.at(watch, "watch");
  told.befall_watch(watch);
}

// Every site within 290 s of the first; `authority_spread` is 300 s.
void tell_anycast(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 2);
  const std::uint64_t sites = between(told.chance, 2, 4);
  const std::uint64_t seen = between(told.chance, 1, sites);
  told.authorities(servers, "old", fmt::format(" sites {} seen {}", sites, seen));
  told.announced_watch();
  told.say_history();
  if (told.chance.below(5) == 0) lower_ttl(told, servers);
  for (std::uint64_t i = 1; i <= servers; ++i) {
    const std::uint64_t first = i == 1 ? told.story.change : told.after(told.story.change, 900);
    for (std::uint64_t site = 1; site <= sites; ++site)
      told.change_at(told.after(first, 290), fmt::format("serve {} site {} new ttl {}",
                                                         server_name(i), site, told.new_ttl));
  }
  told.befall_watch(told.story.change);
}

}  // namespace

const char* to_text(Happening happening) {
  switch (happening) {
    case Happening::plain:
      return "lags, lowered TTLs, rollbacks, outages";
    case Happening::late_watch:
      return "the watch begins late";
    case Happening::anycast:
      return "anycast sites lag";
    case Happening::address_alone:
      return "an exchange moves, the set stays";
    case Happening::address_too:
      return "an exchange moves with the set";
    case Happening::alias:
      return "the owner is an alias";
    case Happening::provider_moves:
      return "NS move, the old provider follows";
    case Happening::provider_goes_dark:
      return "NS move, the old provider serves on, then is dark";
    case Happening::lowered_unsaid:
      return "the TTL was lowered before the watch, nobody said so";
    case Happening::lowered_said:
      return "the TTL was lowered before the watch, the plan says so";
    case Happening::absent_before:
      return "no MX stood there before";
    case Happening::ipv6_alone:
      return "a server has IPv6 alone";
    case Happening::other_box:
      return "another box behind an AAAA";
    case Happening::one_dark:
      return "one server of several is dark for minutes";
    case Happening::all_dark:
      return "all servers are dark for minutes";
    case Happening::uplink_dead:
      return "our own uplink is dead for minutes";
    case Happening::ignored_dies:
      return "a server that the plan ignores dies";
    case Happening::stuck_pair:
      return "two operators never let go";
    case Happening::filtered:
      return "resolvers filter this name";
    case Happening::refusing:
      return "resolvers refuse or are silent for a day";
  }
  return "";
}

Happening some_happening(Chance& chance) {
  // Of a thousand; what is left is plain.
  static constexpr std::array<std::pair<Happening, std::uint64_t>, 19> kShares = {
      {{Happening::provider_goes_dark, 36},
       {Happening::provider_moves, 40},
       {Happening::late_watch, 60},
       {Happening::anycast, 60},
       {Happening::address_alone, 36},
       {Happening::address_too, 36},
       {Happening::alias, 36},
       {Happening::lowered_unsaid, 45},
       {Happening::lowered_said, 45},
       {Happening::absent_before, 40},
       {Happening::ipv6_alone, 40},
       {Happening::other_box, 40},
       {Happening::one_dark, 50},
       {Happening::all_dark, 50},
       {Happening::uplink_dead, 40},
       {Happening::ignored_dies, 40},
       {Happening::stuck_pair, 40},
       {Happening::filtered, 40},
       {Happening::refusing, 40}}};
  std::uint64_t at = chance.below(1000);
  for (const auto& [happening, share] : kShares) {
    if (at < share) return happening;
    at -= share;
  }
  return Happening::plain;
}

namespace {

using Teller = void (*)(Telling&);

Teller teller_of(Happening happening) {
  switch (happening) {
    case Happening::plain:
      return tell_plain;
    case Happening::late_watch:
      return tell_late_watch;
    case Happening::anycast:
      return tell_anycast;
    case Happening::address_alone:
      return tell_address_alone;
    case Happening::address_too:
      return tell_address_too;
    case Happening::alias:
      return tell_alias;
    case Happening::provider_moves:
      return tell_provider_moves;
    case Happening::provider_goes_dark:
      return tell_provider_goes_dark;
    case Happening::lowered_unsaid:
      return tell_lowered_unsaid;
    case Happening::lowered_said:
      return tell_lowered_said;
    case Happening::absent_before:
      return tell_absent_before;
    case Happening::ipv6_alone:
      return tell_ipv6_alone;
    case Happening::other_box:
      return tell_other_box;
    case Happening::one_dark:
      return tell_one_dark;
    case Happening::all_dark:
      return tell_all_dark;
    case Happening::uplink_dead:
      return tell_uplink_dead;
    case Happening::ignored_dies:
      return tell_ignored_dies;
    case Happening::stuck_pair:
      return tell_stuck_pair;
    case Happening::filtered:
      return tell_filtered;
    case Happening::refusing:
      return tell_refusing;
  }
  return tell_plain;
}

}  // namespace

Story tell(Chance& chance, Happening happening) {
  // Where it takes days, rare polls say as much as frequent ones.
  static constexpr std::array<std::uint32_t, 3> kLong = {14400, 86400, 86400};
  const bool days = happening == Happening::provider_goes_dark;
  Telling told(chance, days ? kLong[chance.below(kLong.size())] : some_ttl(chance));
  teller_of(happening)(told);
  return std::move(told.story);
}

}  // namespace mxswitch::simulation
