#include "tests/simulation/population.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace mxswitch::simulation {
namespace {

class Population {
 public:
  Population(Chance& chance, double violators, std::uint32_t ttl)
      : chance_(chance), violators_(violators), ttl_(ttl) {}

  std::string text() {
    const std::uint64_t farms = chance_.below(3);
    for (std::uint64_t i = 1; i <= farms; ++i) farm(i);
    const std::uint64_t groups = between(chance_, 2, 4);
    for (std::uint64_t i = 0; i < groups; ++i) sampled_group();
    if (chance_.below(3) == 0)
      text_ += fmt::format("resolvers {} refuses\n", between(chance_, 1, 2));
    if (chance_.below(6) == 0) text_ += "resolvers 1 silent\n";
    group(between(chance_, 10, 40), some_habit(), some_clients() + " unlisted");
    group(between(chance_, 5, 20), "", some_clients() + " unlisted");
    return text_;
  }

 private:
  // Between 5 s and 2 h, as many of each size.
  std::string some_clients() {
    return fmt::format(" clients {}s", static_cast<int>(5 * std::exp(chance_.unit() * 7.27)));
  }

  std::string some_habit() {
    switch (chance_.below(5)) {
      case 0:
        return fmt::format(" max-ttl {}", between(chance_, 5, 1200));
      case 1:
        return " prefetches";
      default:
        return "";
    }
  }

  std::string some_vice() {
    static constexpr std::array kFloors = {600, 1800, 3600};
    switch (chance_.below(4)) {
      case 0:
        return " forever";
      case 1:
        return " serves-stale";
      case 2:
        return fmt::format(" min-ttl {}", kFloors[chance_.below(kFloors.size())]);
      default:
        return fmt::format(" min-ttl {}", ttl_ + between(chance_, 60, 2 * 3600));
    }
  }

  std::uint64_t violators_of(std::uint64_t caches) {
    std::uint64_t count = 0;
    if (violators_ > 0)
      for (std::uint64_t i = 0; i < caches; ++i) count += chance_.unit() < violators_ ? 1 : 0;
    return count;
  }

  std::string some_names(std::uint64_t number) {
    switch (chance_.below(4)) {
      case 0:
        return fmt::format(" nsid farm{}", number);
      case 1:
        return fmt::format(" nsid farm{} shares-nsid", number);
      default:
        return "";
    }
  }

  void farm(std::uint64_t number) {
    const std::uint64_t caches = between(chance_, 2, 16);
    text_ += fmt::format("resolver 198.18.{}.1 Farm-{} caches {}", number, number, caches);
    if (chance_.below(2) == 0) text_ += " sticky";
    text_ += some_names(number);
    const std::uint64_t bad = violators_of(caches);
    text_ += bad > 0 ? some_vice() + fmt::format(" habits-of {}", bad) : some_habit();
    text_ += some_clients() + "\n";
  }

  void sampled_group() {
    const std::uint64_t count = between(chance_, 4, 6);
    const std::string habit = some_habit();
    std::string rest = some_clients();
    if (chance_.below(3) == 0) rest += fmt::format(" loss {}", chance_.below(3));
    group(count, habit, rest);
  }

  // Those that keep to TTLs have the habit, the others a vice in its place.
  void group(std::uint64_t count, const std::string& habit, const std::string& rest) {
    const std::uint64_t bad = violators_of(count);
    if (bad < count) text_ += fmt::format("resolvers {}{}{}\n", count - bad, habit, rest);
    for (std::uint64_t i = 0; i < bad; ++i)
      text_ += fmt::format("resolvers 1{}{}\n", some_vice(), rest);
  }

  Chance& chance_;
  double violators_;
  std::uint32_t ttl_;
  std::string text_;
};

}  // namespace

std::string some_resolvers(Chance& chance, double violators, std::uint32_t ttl) {
  return Population(chance, violators, ttl).text();
}

std::string unseen_copies(Chance& chance) {
  return fmt::format("resolvers {}\nresolvers {} clients {}s unlisted\n", between(chance, 8, 16),
                     between(chance, 40, 100), between(chance, 60, 900));
}

std::string fading_resolvers(Chance& chance, std::uint64_t change) {
  static constexpr std::array kFates = {"down", "refuse", "slow"};
  std::string text;
  const std::uint64_t count = chance.below(4) == 0 ? between(chance, 1, 2) : 0;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const std::string address = fmt::format("198.18.200.{}", i);
    text +=
        fmt::format("resolver {} Fading-{} clients {}s\n", address, i, between(chance, 5, 1200));
    const std::uint64_t at = change - 1800 + chance.below(4 * 3600);
    text += fmt::format("at {}s {} {}\n", at, kFates[chance.below(kFates.size())], address);
    if (chance.below(3) != 0)
      text += fmt::format("at {}s up {}\n", at + between(chance, 60, 3 * 3600), address);
  }
  return text;
}

}  // namespace mxswitch::simulation
