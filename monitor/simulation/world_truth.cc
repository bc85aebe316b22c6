// The truth that verdicts are held against: which caches could still answer another set. It looks
// at the world alone, and knows nothing of what any verdict rests on.
#include <algorithm>

#include "monitor/simulation/world.h"
#include "monitor/simulation/world_parts.h"

namespace mxswitch::monitor::simulation {

bool World::holds_other(const SimulatedAuthority& one) const {
  return std::any_of(one.sites.begin(), one.sites.end(),
                     [&](const Zone& zone) { return zone.set != expected_; });
}

bool World::any_answers(const std::vector<std::size_t>& servers) const {
  return std::any_of(servers.begin(), servers.end(), [&](std::size_t at) {
    return authorities_[at].to_caches == Reach::answering;
  });
}

// By what it holds, or by what it will fetch.
World::Other World::would_tell_other(const SimulatedResolver& one, const SimulatedCache& cache,
                                     Time now) const {
  if (one.plan.filter) return Other::none;  // whatever stands behind it
  const Habits& habits = cache.habits;
  if (cache.held && cache.held->set != expected_) {
    const Other held = cache.from_ignored ? Other::excused : Other::counts;
    if (now < cache.expires_at || habits.forever || habits.serves_stale) return held;
    HeldServers servers = cache.servers;
    const bool fails =
        now < cache.retry_at || !any_answers(look_up(servers, one.plan.families, now));
    if (habits.stale_on_failure && fails) return held;
  }
  return would_fetch_other(one, cache, now);
}

// It fetches when what it holds has expired, and where it is led to then: a later question finds
// no more of what it holds than the first.
World::Other World::would_fetch_other(const SimulatedResolver& one, const SimulatedCache& cache,
                                      Time now) const {
  if (cache.habits.forever && cache.held) return Other::none;
  Time at = std::max(now, cache.retry_at);
  if (cache.held) at = std::max(at, cache.expires_at);
  if (cache.held && cache.habits.prefetches)
    at = std::max(now, cache.expires_at - Duration(seconds(cache.kept)) / 10);
  HeldServers servers = cache.servers;
  Other found = Other::none;
  for (const std::size_t index : look_up(servers, one.plan.families, at)) {
    const SimulatedAuthority& server = authorities_[index];
    if (!answers(server.to_caches) || served_to(cache, server).set == expected_) continue;
    if (!server.ignored) return Other::counts;
    found = Other::excused;
  }
  return found;
}

void World::judge_caches(Truth& truth, const SimulatedResolver& one, Time now) const {
  const Endpoint& address = one.plan.resolver.endpoint;
  bool stale = false;
  for (const SimulatedCache& cache : one.caches) {
    ++truth.caches;
    const Other other = would_tell_other(one, cache, now);
    if (other == Other::excused) ++truth.excused;
    if (other != Other::counts) continue;
    stale = true;
    ++truth.stale;
    truth.stale_at.push_back(address);
    if (cache.shown_other) truth.last_seen_other.emplace_back(address, *cache.shown_other);
  }
  if (one.plan.unlisted) return;
  if (stale) truth.stale_listed.push_back(address);
  if (one.shown_other) truth.shown_other.push_back(address);
}

Truth World::truth(Time now) {
  pass(now);
  Truth truth;
  Time clean = changed_at_;
  for (const SimulatedAuthority& one : authorities_)
    if (one.there && !one.ignored && answers(one.to_caches) && holds_other(one))
      truth.authority_other = true;
  for (const SimulatedResolver& one : resolvers_) {
    judge_caches(truth, one, now);
    for (const SimulatedCache& cache : one.caches)
      if (cache.other_until && *cache.other_until <= now)
        clean = std::max(clean, *cache.other_until);
  }
  clean = std::max(clean, judge_records(truth, now));
  if (truth.clean()) truth.clean_since = clean;
  return truth;
}

}  // namespace mxswitch::monitor::simulation
