// What caches do: answer from what they hold, fetch where they are led, and keep it as they do.
#include <algorithm>

#include "monitor/simulation/world.h"
#include "monitor/simulation/world_parts.h"

namespace mxswitch::monitor::simulation {
namespace {

constexpr std::uint32_t kStaleTtl = 30;            // RFC 8767 section 4
constexpr std::uint32_t kMostNegativeTtl = 10800;  // RFC 2308 section 5: one to three hours
constexpr Duration kStalePatience{1800};  // before a stale answer goes out (RFC 8767 section 5)

std::uint32_t kept_for(const Zone& zone, const Habits& habits) {
  std::uint32_t kept = zone.set.empty() ? std::min(zone.ttl, kMostNegativeTtl) : zone.ttl;
  kept = std::max(kept, habits.min_ttl);
  return habits.max_ttl == 0 ? kept : std::min(kept, habits.max_ttl);
}

}  // namespace

void World::pass(Time now) {
  for (SimulatedResolver& one : resolvers_)
    for (SimulatedCache& cache : one.caches) pass(one, cache, now);
}

void World::pass(SimulatedResolver& one, SimulatedCache& cache, Time now) {
  while (cache.next_client <= now) {
    const Time asked = cache.next_client;
    tell(one, cache, asked);
    cache.next_client = next_change(one, cache, asked);
  }
}

// Those who ask while the answer stands change nothing, so that they need not be counted: by
// chance, the wait from its end is as long as from any other moment.
Time World::next_change(const SimulatedResolver& one, SimulatedCache& cache, Time now) const {
  if (one.plan.clients == Duration(0) || (cache.habits.forever && cache.held)) return Time::max();
  Time from = std::max(now, cache.retry_at);
  if (cache.held) from = std::max(from, cache.expires_at);
  if (cache.held && cache.habits.prefetches)
    from = std::max(now, cache.expires_at - Duration(seconds(cache.kept)) / 10);
  return from + cache.chance.gap(one.plan.clients);
}

// What it was given by somebody before the world began.
void World::hold_copies(const Scenario& scenario, Time start) {
  for (SimulatedResolver& one : resolvers_) {
    if (!one.plan.holds) continue;
    for (SimulatedCache& cache : one.caches) {
      cache.held = *one.plan.holds;
      cache.kept = one.plan.holds->ttl;
      cache.expires_at = start + seconds(cache.kept);
      if (cache.held->set != scenario.input.expected) cache.other_until = cache.expires_at;
    }
  }
}

const Zone& World::served_to(const SimulatedCache& cache, const SimulatedAuthority& from) const {
  return from.sites[cache.place % from.sites.size()];
}

// A server that answers this cache; null when none does, or when it does not look again yet.
const SimulatedAuthority* World::fetch(const SimulatedResolver& one, SimulatedCache& cache,
                                       Time now, Told& told) {
  if (now < cache.retry_at) return nullptr;
  std::vector<const SimulatedAuthority*> reachable;
  bool waited = false;
  for (const std::size_t at : look_up(cache.servers, one.plan.families, now)) {
    const SimulatedAuthority& server = authorities_[at];
    if (answers(server.to_caches)) reachable.push_back(&server);
    waited = waited || server.to_caches == Reach::silent;
  }
  if (reachable.empty()) {
    if (waited) told.took = kTry + Duration(cache.chance.below(2500));
    cache.retry_at = now + std::max<Duration>(told.took, cache.habits.recheck);
    if (cache.habits.asks_parent) cache.servers.until = now;
    return nullptr;
  }
  const SimulatedAuthority& from = *reachable[cache.chance.below(reachable.size())];
  if (from.to_caches == Reach::slow) told.took = kSlowAnswer;
  if (cache.habits.child_centric) {
    cache.servers.names = listed_by(from);
    cache.servers.until = now + seconds(ttls_.child);
  }
  return &from;
}

bool World::fill(const SimulatedResolver& one, SimulatedCache& cache, Time now, Told& told) {
  const SimulatedAuthority* from = fetch(one, cache, now, told);
  if (!from) return false;
  if (signatures_broken_ && one.plan.validates) {
    told.bogus = true;
    return false;
  }
  keep(cache, *from, now);
  return true;
}

void World::keep(SimulatedCache& cache, const SimulatedAuthority& from, Time now) {
  if (cache.other_until && *cache.other_until > now) cache.other_until = now;
  cache.held = served_to(cache, from);
  cache.from_ignored = from.ignored;
  cache.kept = kept_for(*cache.held, cache.habits);
  cache.expires_at = now + seconds(cache.kept);
  if (cache.held->set != expected_)
    cache.other_until =
        cache.habits.forever || cache.habits.serves_stale ? Time::max() : cache.expires_at;
}

World::Told World::tell(const SimulatedResolver& one, SimulatedCache& cache, Time now) {
  Told told;
  if (cache.held && (now < cache.expires_at || cache.habits.forever)) {
    const auto left = std::chrono::floor<seconds>(cache.expires_at - now);
    const bool asleep = now >= cache.expires_at;  // one that never fetches counts in a circle
    told.zone =
        Zone{cache.held->set, asleep ? cache.kept : static_cast<std::uint32_t>(left.count())};
    const bool soon = cache.expires_at - now <= Duration(seconds(cache.kept)) / 10;
    if (cache.habits.prefetches && soon) {
      Told unseen;
      fill(one, cache, now, unseen);
    }
    return told;
  }
  const auto expired = cache.held;
  cache.held.reset();
  const bool fetched = fill(one, cache, now, told);
  const bool failing = !fetched || told.took > kStalePatience;
  const bool stale =
      cache.habits.serves_stale || (cache.habits.stale_on_failure && failing && !told.bogus);
  if (expired && stale) {
    if (!fetched) cache.held = expired;
    if (expired->set != expected_ && cache.other_until) cache.other_until = now;
    told.zone = Zone{expired->set, kStaleTtl};
    told.took = std::min(told.took, kStalePatience);
    told.stale = true;
    return told;
  }
  if (fetched) told.zone = Zone{cache.held->set, cache.kept};
  return told;
}

}  // namespace mxswitch::monitor::simulation
