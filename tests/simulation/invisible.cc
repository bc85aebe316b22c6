// Worlds in which READY may come too early whatever anybody does: a class of its own.
#include <fmt/format.h>

#include <array>

#include "tests/simulation/population.h"
#include "tests/simulation/worlds.h"

namespace mxswitch::simulation {
namespace {

constexpr const char* kFirst = "authority ns1.shop.example 198.51.100.11 serves old ttl";
constexpr const char* kStaleCaches =
    "resolvers 20 stale-on-failure recheck 900 clients 60s unlisted\n"
    "resolvers 20 stale-on-failure recheck 30 clients 60s unlisted\n";

struct World {
  Chance& chance;
  std::uint32_t ttl;
  std::uint64_t change, later;  // when the one server changes; when the rest ends

  std::string declared() const { return fmt::format("declare old_ttl {}\n", ttl); }
  // Its own watch and change; more than one line may stand in `rest`.
  std::string served(const std::string& rest = "") const {
    return fmt::format("{} {}{}\nat 0s watch\n", kFirst, ttl, rest);
  }
  std::string changed() const {
    return fmt::format("at {}s serve ns1.shop.example new ttl {}\n", change, ttl);
  }
};

// Back and on again between two polls.
std::string flap(World& w) {
  return w.declared() + w.served() + w.changed() +
         fmt::format("at {}s serve ns1.shop.example old ttl {}\n", w.later, w.ttl) +
         fmt::format("at {}s serve ns1.shop.example new ttl {}\n",
                     w.later + between(w.chance, 2, 20), w.ttl);
}

// One site of three lags, for longer than authority_spread.
std::string site(World& w) {
  std::string text = w.declared() + w.served(" sites 3");
  for (const int site : {1, 3})
    text +=
        fmt::format("at {}s serve ns1.shop.example site {} new ttl {}\n", w.change, site, w.ttl);
  return text + fmt::format("at {}s serve ns1.shop.example site 2 new ttl {}\n", w.later, w.ttl);
}

// A server that others are led to.
std::string forgotten(World& w) {
  return w.declared() + w.served() + w.changed() +
         fmt::format(
             "authority ns8.forgotten.example 198.51.100.98 serves old ttl {0} unlisted\n"
             "at {1}s serve ns8.forgotten.example new ttl {0}\n",
             w.ttl, w.later);
}

// All servers, for caches and not for us.
std::string partial_outage(World& w) {
  return w.declared() + w.served() + w.changed() + kStaleCaches +
         fmt::format(
             "at {}s down ns1.shop.example for caches\nat {}s up ns1.shop.example for caches\n",
             w.later, w.later + between(w.chance, 60, 3600));
}

// All servers, for less than a watch can know.
std::string short_outage(World& w) {
  return w.declared() + w.served() + w.changed() + kStaleCaches +
         fmt::format("at {}s down ns1.shop.example\nat {}s up ns1.shop.example\n", w.later,
                     w.later + between(w.chance, 5, 60));
}

std::string lowered(World& w, std::uint32_t first, const std::string& said) {
  w.ttl = 300;
  w.change = between(w.chance, 4, 8) * 3600;
  w.later = w.change + first;
  return fmt::format("{0} {1}\nat {2}s serve ns1.shop.example old ttl 300\nat {3}s watch\n", kFirst,
                     first, between(w.chance, 3600, 2 * 3600),
                     between(w.chance, 2 * 3600 + 60, 3 * 3600)) +
         said + w.changed();
}

// The plan says that it was what it is; copies are at other people's alone.
std::string false_ttl(World& w) {
  return lowered(w, w.chance.below(2) == 0 ? 14400 : 86400, "declare old_ttl 300\n");
}

std::string lowered_from_days(World& w) { return lowered(w, 3 * 86400, ""); }

// Nobody names the provider that was left.
std::string moved_before(World& w) {
  w.later = w.change + 2 * 86400;
  return w.declared() +
         fmt::format(
             "authority ns1.old.example 198.51.100.51 serves old ttl {0}\n"
             "authority ns1.new.example 198.51.100.41 serves new ttl {0} later\n"
             "resolvers 20 child-centric clients 60s unlisted\n"
             "at {1}s join ns1.new.example\nat {1}s leave ns1.old.example\nat {2}s watch\n"
             "at {3}s down ns1.old.example\n",
             w.ttl, w.change, w.change + between(w.chance, 60, 7200), w.later);
}

struct Cause {
  const char* name;
  std::string (*tell)(World&);
  bool listed_see;  // the resolvers of the list may have copies
};

constexpr std::array<Cause, kInvisibleCauses> kCauses = {
    {{"a flap between two polls", flap, true},
     {"an anycast site lags for long", site, true},
     {"a server that only others are led to", forgotten, true},
     {"an outage that only caches have", partial_outage, true},
     {"an outage of all servers that is over within a minute", short_outage, true},
     {"the plan says a TTL that is too small", false_ttl, false},
     {"a TTL of days was lowered, nobody said so", lowered_from_days, false},
     {"NS moved before the watch, nobody said so", moved_before, false}}};

const Cause& cause_of(std::uint64_t seed) { return kCauses[seed % kCauses.size()]; }

}  // namespace

const char* invisible_cause(std::uint64_t seed) { return cause_of(seed).name; }

std::string invisible_world(std::uint64_t seed) {
  Chance chance(seed);
  World world{chance, some_ttl(chance), between(chance, 3600, 7200), 0};
  world.later = world.change + 600 + chance.below(2 * world.ttl + 3600);
  const Cause& cause = cause_of(seed);
  std::string text = head("An invisible cause's", seed, "shop.example") + "policy floor 600s\n";
  // Copies that are in view would be evidence.
  text += cause.listed_see ? some_resolvers(chance, 0, world.ttl) : unseen_copies(chance);
  text += cause.tell(world);
  return text + end_after(world.later, std::max<std::uint32_t>(world.ttl, 86400));
}

}  // namespace mxswitch::simulation
