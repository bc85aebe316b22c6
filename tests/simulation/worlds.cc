#include "tests/simulation/worlds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "monitor/simulation/chance.h"

namespace mxswitch::simulation {
namespace {

using monitor::simulation::Chance;

constexpr std::uint64_t kLongestPoll = 300;  // seconds between two polls of an authority

std::string head(const char* kind, std::uint64_t seed) {
  return fmt::format(
      "title {} world, seed {}\nseed {}\nowner shop.example\nset old 10 mail.shop.example\n"
      "set new 10 mx1.filter.example, 20 mx2.filter.example\n",
      kind, seed, seed & 0x7fffffff);
}

std::uint64_t between(Chance& chance, std::uint64_t low, std::uint64_t high) {
  return low + chance.below(high - low + 1);
}

// Mostly an hour or less, seldom a day.
std::uint32_t some_ttl(Chance& chance) {
  static constexpr std::array<std::uint32_t, 10> kTtls = {60,   300,  300,  900,   1800,
                                                          3600, 3600, 3600, 14400, 86400};
  return kTtls[chance.below(kTtls.size())];
}

// Between 5 s and 2 h, as many of each size.
std::string some_clients(Chance& chance) {
  return fmt::format(" clients {}s", static_cast<int>(5 * std::exp(chance.unit() * 7.27)));
}

std::string some_habit(Chance& chance) {
  switch (chance.below(5)) {
    case 0:
      return fmt::format(" max-ttl {}", between(chance, 5, 1200));
    case 1:
      return " prefetches";
    default:
      return "";
  }
}

std::string farm(Chance& chance, int number) {
  return fmt::format("resolver 198.18.{}.1 Farm-{} caches {}{}{}{}\n", number, number,
                     between(chance, 2, 16), chance.below(2) == 0 ? " sticky" : "",
                     some_habit(chance), some_clients(chance));
}

std::string honest_resolvers(Chance& chance) {
  std::string text;
  int farms = static_cast<int>(chance.below(3));
  while (farms-- > 0) text += farm(chance, farms + 1);
  const auto groups = between(chance, 2, 4);
  for (std::uint64_t i = 0; i < groups; ++i)
    text += fmt::format("resolvers {}{}{}{}\n", between(chance, 4, 6), some_habit(chance),
                        some_clients(chance),
                        chance.below(3) == 0 ? fmt::format(" loss {}", chance.below(3)) : "");
  if (chance.below(3) == 0) text += fmt::format("resolvers {} refuses\n", between(chance, 1, 2));
  if (chance.below(6) == 0) text += "resolvers 1 silent\n";
  text += fmt::format("resolvers {} unlisted{}{}\n", between(chance, 10, 40), some_habit(chance),
                      some_clients(chance));
  return text +
         fmt::format("resolvers {} unlisted{}\n", between(chance, 5, 20), some_clients(chance));
}

// One world's authorities and what happens to them, in seconds since the start.
class Zones {
 public:
  Zones(Chance& chance, std::uint32_t ttl) : chance_(chance), old_ttl_(ttl) {
    servers_ = between(chance_, 1, 3);
    change_ = between(chance_, 3600, 7200);
    new_ttl_ = chance_.below(2) == 0 ? ttl : some_ttl(chance_);
    last_ = change_;
  }

  std::string text() {
    std::string text = authorities();
    if (chance_.below(2) == 0) text += fmt::format("declare changed_at {}s\n", change_);
    text += "at 0s watch\n";
    if (chance_.below(5) == 0) text += lowered();
    text += change();
    switch (chance_.below(6)) {
      case 0:
        text += rollback();
        break;
      case 1:
        text += outage();
        break;
      default:
        break;
    }
    return text + what_befalls_the_watch();
  }

  std::uint64_t change_at() const { return change_; }
  std::uint64_t last() const { return last_; }
  std::uint32_t new_ttl() const { return new_ttl_; }
  std::uint64_t servers() const { return servers_; }

 private:
  static std::string name(std::uint64_t i) { return fmt::format("ns{}.shop.example", i + 1); }

  std::string serve(std::uint64_t at, std::uint64_t server, const char* set, std::uint32_t ttl) {
    last_ = std::max(last_, at);
    return fmt::format("at {}s serve {} {} ttl {}\n", at, name(server), set, ttl);
  }

  std::string authorities() const {
    std::string text;
    for (std::uint64_t i = 0; i < servers_; ++i)
      text += fmt::format("authority {} 198.51.100.{} serves old ttl {} serial {}\n", name(i),
                          11 + i, old_ttl_, 7);
    return text;
  }

  // Long enough before the change that a poll sees the first TTL and the second.
  std::string lowered() {
    const std::uint64_t at = between(chance_, 2 * kLongestPoll, change_ - 2 * kLongestPoll);
    std::string text;
    for (std::uint64_t i = 0; i < servers_; ++i) text += serve(at + i * 5, i, "old", 60);
    return text;
  }

  std::string change() {
    std::string text = serve(change_, 0, "new", new_ttl_);
    for (std::uint64_t i = 1; i < servers_; ++i) {
      const std::uint64_t most = chance_.below(4) == 0 ? 2 * 3600 : 900;  // split brain, or a lag
      text += serve(change_ + between(chance_, 0, most), i, "new", new_ttl_);
    }
    return text;
  }

  // Back to the old set, for longer than two polls are apart, and on again.
  std::string rollback() {
    const std::uint64_t back = last_ + between(chance_, 2 * kLongestPoll, 2 * 3600);
    const std::uint64_t again = back + between(chance_, 2 * kLongestPoll + 60, 3600);
    const std::uint64_t only = chance_.below(2) == 0 ? chance_.below(servers_) : servers_;
    std::string text;
    for (std::uint64_t i = 0; i < servers_; ++i)
      if (only == servers_ || only == i)
        text += serve(back, i, "old", old_ttl_) + serve(again, i, "new", new_ttl_);
    return text;
  }

  // The program is killed, the machine reboots or sleeps, somebody sets its clock.
  std::string what_befalls_the_watch() {
    static constexpr std::array kEvents = {"restart", "restart rebooted", "restart unsynchronised",
                                           "restart jumped", "suspend 20m"};
    if (chance_.below(6) != 0) return "";
    return fmt::format("at {}s {}\n", change_ + between(chance_, 1, 2 * 3600),
                       kEvents[chance_.below(kEvents.size())]);
  }

  std::string outage() {
    const std::uint64_t at = change_ + between(chance_, 60, 1800);
    const std::uint64_t server = chance_.below(servers_);
    return fmt::format("at {}s down {}\nat {}s up {}\n", at, name(server),
                       at + between(chance_, 30, 200), name(server));
  }

  Chance& chance_;
  std::uint64_t servers_ = 1, change_ = 0, last_ = 0;
  std::uint32_t old_ttl_, new_ttl_ = 0;
};

std::string end_after(std::uint64_t last, std::uint32_t ttl) {
  return fmt::format("end {}s\n", last + std::max<std::uint64_t>(3600, ttl) + 8 * 3600);
}

}  // namespace

std::string honest_world(std::uint64_t seed) {
  Chance chance(seed);
  const std::uint32_t ttl = some_ttl(chance);
  Zones zones(chance, ttl);
  std::string text = head("An honest", seed);
  if (chance.below(2) == 0) text += fmt::format("policy floor {}s\n", chance.below(600));
  text += honest_resolvers(chance);
  text += zones.text();
  return text + end_after(zones.last(), std::max(ttl, zones.new_ttl()));
}

std::string invisible_world(std::uint64_t seed) {
  Chance chance(seed);
  const std::uint32_t ttl = some_ttl(chance);
  std::string text = head("An invisible cause's", seed);
  text += "policy floor 600s\n" + honest_resolvers(chance);
  const std::uint64_t change = between(chance, 3600, 7200);
  const std::uint64_t later = change + 600 + chance.below(2 * ttl + 3600);
  text += "at 0s watch\n";
  const char* first = "authority ns1.shop.example 198.51.100.11 serves old ttl";
  const std::string served = fmt::format("at {}s serve ns1.shop.example", change);
  switch (chance.below(3)) {
    case 0:  // back and on again between two polls
      text += fmt::format("{} {}\n{} new ttl {}\n", first, ttl, served, ttl);
      text += fmt::format(
          "at {}s serve ns1.shop.example old ttl {}\nat {}s serve ns1.shop.example new ttl {}\n",
          later, ttl, later + between(chance, 2, 20), ttl);
      break;
    case 1:  // one site of three lags, for longer than authority_spread
      text += fmt::format("{} {} sites 3\n{} site 1 new ttl {}\n{} site 3 new ttl {}\n", first, ttl,
                          served, ttl, served, ttl);
      text += fmt::format("at {}s serve ns1.shop.example site 2 new ttl {}\n", later, ttl);
      break;
    default:  // a server that others are led to
      text += fmt::format("{} {}\n{} new ttl {}\n", first, ttl, served, ttl);
      text += fmt::format(
          "authority ns8.forgotten.example 198.51.100.98 serves old ttl {} "
          "unlisted\nat {}s serve ns8.forgotten.example new ttl {}\n",
          ttl, later, ttl);
  }
  return text + end_after(later, ttl);
}

std::string ordinary_world(std::uint64_t seed, std::uint32_t ttl) {
  Chance chance(seed);
  std::string text = head("An ordinary", seed);
  text += fmt::format(
      "resolvers 38 clients 10m\nresolvers 10 refuses\n"
      "authority ns1.shop.example 198.51.100.11 serves old ttl {0}\n"
      "authority ns2.shop.example 198.51.100.12 serves old ttl {0}\n"
      "at 0s watch\nat 0s loss 1\nat 2h serve ns1.shop.example new ttl {0}\n"
      "at {1}s serve ns2.shop.example new ttl {0}\n",
      ttl, 7200 + between(chance, 10, 120));
  if (chance.below(2) == 0) text += "declare changed_at 2h\n";
  return text + fmt::format("end {}s\n", 7200 + ttl + 4 * 3600);
}

std::string violator_world(int number, std::uint64_t seed) {
  constexpr std::uint64_t kPopulation = 240;
  Chance fixed(static_cast<std::uint64_t>(number) * 977 + 5);
  static constexpr std::array<std::uint64_t, 4> kSampled = {9, 12, 24, 40};
  const std::uint64_t sampled = kSampled[fixed.below(kSampled.size())];
  const std::uint64_t farm = number % 3 == 2 ? 4 : 1;  // caches behind each address
  const std::uint64_t resolvers = kPopulation / farm;
  // From one cache of 240 to a quarter, most worlds near where a sample misses them all.
  const double share = 0.004 * std::exp(fixed.unit() * 4.1);
  const auto bad = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share * kPopulation));
  static constexpr std::array kHabits = {" forever", " min-ttl 43200", " serves-stale"};
  const std::string habit = kHabits[fixed.below(kHabits.size())];
  const std::uint64_t clients = fixed.below(2) == 0 ? 60 : 600;
  const std::uint32_t ttl = fixed.below(2) == 0 ? 300 : 900;

  Chance chance(seed);
  std::vector<int> is_bad(resolvers, 0);
  std::fill_n(is_bad.begin(), std::min(bad, resolvers), 1);
  for (std::uint64_t i = resolvers; i > 1; --i) std::swap(is_bad[i - 1], is_bad[chance.below(i)]);
  std::string text = head("A fixed", seed) + "policy floor 60s\n";
  for (std::uint64_t i = 0; i < resolvers; ++i) {
    const bool stuck = is_bad[i] == 1;
    text += fmt::format(
        "resolvers 1 caches {}{} clients {}s{}\n", farm, stuck ? habit + " habits-of 1" : "",
        stuck && habit == " serves-stale" ? 36000 : clients, i < sampled ? "" : " unlisted");
  }
  return text + fmt::format(
                    "authority ns1.shop.example 198.51.100.11 serves old ttl {0}\n"
                    "declare changed_at 2h\nat 0s watch\n"
                    "at 2h serve ns1.shop.example new ttl {0}\nend {1}s\n",
                    ttl, 7200 + ttl + 3600);
}

}  // namespace mxswitch::simulation
