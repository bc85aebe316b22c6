#include "monitor/simulation/world.h"

#include <algorithm>

namespace mxswitch::monitor::simulation {
namespace {

constexpr Duration kTrip{20};  // there and back
constexpr std::uint32_t kStaleTtl = 30;

Outcome outcome_of(const Zone& zone) {
  return zone.set.empty() ? Outcome::no_data : Outcome::answered;
}

}  // namespace

World::World(const Scenario& scenario, Time start)
    : owner_(scenario.owner), random_(scenario.seed) {
  for (const AuthorityPlan& plan : scenario.authorities) authorities_.push_back({plan, true});
  for (const ResolverPlan& plan : scenario.resolvers) {
    SimulatedResolver& made = resolvers_.emplace_back();
    made.plan = plan;
    made.caches.resize(static_cast<std::size_t>(std::max(1, plan.caches)));
    for (SimulatedCache& cache : made.caches) cache.next_client = start + client_gap(plan);
  }
}

bool World::happens(int percent) {
  return std::uniform_int_distribution<int>(0, 99)(random_) < percent;
}

Duration World::client_gap(const ResolverPlan& plan) {
  if (plan.clients == Duration(0)) return Duration(0);
  const double mean = static_cast<double>(plan.clients.count());
  return Duration(
      1 + static_cast<std::int64_t>(std::exponential_distribution<double>(1 / mean)(random_)));
}

void World::pass(Time now) {
  for (SimulatedResolver& one : resolvers_) {
    if (one.plan.clients == Duration(0)) continue;
    for (SimulatedCache& cache : one.caches) {
      while (cache.next_client <= now) {
        answer(one.plan, cache, cache.next_client);
        cache.next_client += client_gap(one.plan);
      }
    }
  }
}

SimulatedAuthority* World::authority(const std::string& name) {
  for (SimulatedAuthority& one : authorities_)
    if (one.plan.name.text() == name) return &one;
  return nullptr;
}

SimulatedResolver* World::resolver(const Endpoint& address) {
  for (SimulatedResolver& one : resolvers_)
    if (one.plan.resolver.endpoint == address) return &one;
  return nullptr;
}

std::optional<Zone> World::fetch() {
  std::vector<const Zone*> reachable;
  for (const SimulatedAuthority& one : authorities_)
    if (one.up) reachable.push_back(&one.plan.zone);
  if (reachable.empty()) return std::nullopt;
  return *reachable[std::uniform_int_distribution<std::size_t>(0, reachable.size() - 1)(random_)];
}

void World::fill(const ResolverPlan& plan, SimulatedCache& cache, Time now) {
  auto fetched = fetch();
  if (!fetched) return;
  std::uint32_t kept = std::max(fetched->ttl, plan.min_ttl);
  if (plan.max_ttl != 0) kept = std::min(kept, plan.max_ttl);
  cache.held = Zone{fetched->set, kept};
  cache.expires_at = now + seconds(kept);
}

std::optional<Zone> World::answer(const ResolverPlan& plan, SimulatedCache& cache, Time now) {
  if (plan.forever && cache.held) return cache.held;
  if (cache.held && now < cache.expires_at) {
    const auto left = std::chrono::floor<seconds>(cache.expires_at - now);
    return Zone{cache.held->set, static_cast<std::uint32_t>(left.count())};
  }
  const auto expired = cache.held;
  cache.held.reset();
  fill(plan, cache, now);
  if (expired && plan.serves_stale) {
    if (!cache.held) cache.held = expired;
    return Zone{expired->set, kStaleTtl};
  }
  return cache.held;
}

AuthoritySample World::ask_authority(const ProbeDue& probe, Time now, Duration limit) {
  AuthoritySample sample;
  sample.owner = owner_;
  sample.server = probe.server;
  sample.endpoint = probe.endpoint;
  sample.sent_at = now;
  const SimulatedAuthority* one = authority(probe.server.text());
  if (!one || !one->up) {
    sample.received_at = now + limit * 3;  // a poll is up to 3 tries
    return sample;
  }
  sample.received_at = now + kTrip;
  sample.outcome = outcome_of(one->plan.zone);
  sample.authoritative = true;
  sample.set = one->plan.zone.set;
  sample.ttl = one->plan.zone.ttl;
  sample.soa_expire = one->plan.expire;
  return sample;
}

ResolverSample World::ask_resolver(const Endpoint& address, Time now, Duration limit) {
  ResolverSample sample;
  sample.owner = owner_;
  sample.resolver = address;
  sample.sent_at = now;
  sample.received_at = now + limit;
  SimulatedResolver* one = resolver(address);
  if (!one || happens(one->plan.loss_percent)) return sample;
  sample.received_at = now + kTrip;
  if (one->plan.refuses || one->plan.refuses_owner) {
    sample.outcome = Outcome::refused;
    return sample;
  }
  auto& caches = one->caches;
  const auto chosen = std::uniform_int_distribution<std::size_t>(0, caches.size() - 1)(random_);
  const auto zone = answer(one->plan, caches[chosen], now);
  sample.outcome = zone ? outcome_of(*zone) : Outcome::servfail;
  if (zone) {
    sample.set = zone->set;
    sample.ttl = zone->ttl;
  }
  return sample;
}

ControlSample World::ask_control(const Endpoint& address, Time now, Duration limit) {
  ControlSample sample;
  sample.resolver = address;
  SimulatedResolver* one = resolver(address);
  const bool lost = !one || happens(one->plan.loss_percent);
  sample.received_at = now + (lost ? limit : kTrip);
  sample.root_answered = !lost && !one->plan.refuses;
  sample.lies = one && one->plan.lies;
  return sample;
}

std::vector<Endpoint> World::holders_of_others(const MxSet& expected, Time now) const {
  std::vector<Endpoint> holders;
  for (const SimulatedResolver& one : resolvers_)
    for (const SimulatedCache& cache : one.caches)
      if (cache.held && cache.held->set != expected && (now < cache.expires_at || one.plan.forever))
        holders.push_back(one.plan.resolver.endpoint);
  return holders;
}

}  // namespace mxswitch::monitor::simulation
