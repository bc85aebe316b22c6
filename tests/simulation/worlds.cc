#include "tests/simulation/worlds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/simulation/population.h"

namespace mxswitch::simulation {
namespace {

constexpr const char* kOwner = "shop.example";

std::string world_of(Chance& chance, Happening happening, double violators, const char* kind,
                     std::uint64_t seed) {
  const Story story = tell(chance, happening);
  std::string text = head(fmt::format("{} ({})", kind, to_text(happening)), seed, story.owner);
  if (chance.below(2) == 0) text += fmt::format("policy floor {}s\n", chance.below(600));
  if (story.copies_unseen) {
    text += unseen_copies(chance);
  } else {
    text += some_resolvers(chance, violators, story.ttl);
    text += fading_resolvers(chance, story.change);
  }
  text += story.text;
  // With violators many runs end in no READY: shorter ones.
  const std::uint64_t patience = violators > 0 ? 4 * 3600 : story.patience;
  return text + end_after(story.last, story.longest, patience);
}

}  // namespace

bool lasts_for_days(Happening happening) {
  return happening == Happening::provider_moves || happening == Happening::provider_goes_dark ||
         happening == Happening::lowered_unsaid || happening == Happening::lowered_said;
}

Happening happening_of(std::uint64_t seed) {
  Chance chance(seed);
  return some_happening(chance);
}

std::string honest_world(std::uint64_t seed) {
  Chance chance(seed);
  const Happening happening = some_happening(chance);
  return world_of(chance, happening, 0, "An honest", seed);
}

std::string honest_world(Happening happening, std::uint64_t seed) {
  Chance chance(seed);
  return world_of(chance, happening, 0, "An honest", seed);
}

std::string mixed_world(std::uint64_t seed) {
  Chance chance(seed);
  Happening happening = some_happening(chance);
  // What takes days says no more of violators.
  if (lasts_for_days(happening)) happening = Happening::plain;
  // From one cache of 200 to one of 6, as many of each size.
  const double violators = 0.005 * std::exp(chance.unit() * 3.5);
  return world_of(chance, happening, violators, "A mixed", seed);
}

std::string ordinary_world(std::uint64_t seed, std::uint32_t ttl, bool some_refuse) {
  Chance chance(seed);
  std::string text = head("An ordinary", seed, kOwner) + "resolvers 39 clients 10m\n";
  if (some_refuse) text += "resolvers 9 refuses\n";
  text += fmt::format(
      "declare old_ttl {0}\n"
      "authority ns1.shop.example 198.51.100.11 serves old ttl {0}\n"
      "authority ns2.shop.example 198.51.100.12 serves old ttl {0}\n"
      "at 0s watch\nat 0s loss 1\nat 2h serve ns1.shop.example new ttl {0}\n"
      "at {1}s serve ns2.shop.example new ttl {0}\n",
      ttl, 7200 + between(chance, 10, 120));
  if (chance.below(2) == 0) text += "declare changed_at 2h\n";
  return text + fmt::format("end {}s\n", 7200 + ttl + 30 * 3600);
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
  std::string text = head("A fixed", seed, kOwner) + "policy floor 60s\n";
  for (std::uint64_t i = 0; i < resolvers; ++i) {
    const bool stuck = is_bad[i] == 1;
    text += fmt::format(
        "resolvers 1 caches {}{} clients {}s{}\n", farm, stuck ? habit + " habits-of 1" : "",
        stuck && habit == " serves-stale" ? 36000 : clients, i < sampled ? "" : " unlisted");
  }
  return text + fmt::format(
                    "authority ns1.shop.example 198.51.100.11 serves old ttl {0}\n"
                    "declare changed_at 2h\ndeclare old_ttl {0}\nat 0s watch\n"
                    "at 2h serve ns1.shop.example new ttl {0}\nend {1}s\n",
                    ttl, 7200 + ttl + 3600);
}

}  // namespace mxswitch::simulation
