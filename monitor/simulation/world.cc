#include "monitor/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::monitor::simulation {
namespace {

constexpr Duration kTrip{20};  // there and back
constexpr Duration kTry = seconds(3);
constexpr int kTries = 3;             // of a poll: UDP, UDP, TCP
constexpr std::uint64_t kPorts = 64;  // that our queries leave from
constexpr Duration kSlowAnswer{2500};
constexpr Duration kStalePatience{1800};  // before a stale answer goes out (RFC 8767 section 5)
constexpr std::uint32_t kStaleTtl = 30;   // RFC 8767 section 4

Outcome outcome_of(const Zone& zone) {
  return zone.set.empty() ? Outcome::no_data : Outcome::answered;
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  return Chance(a * 0x9e3779b97f4a7c15U + b).next();
}

Reach reach_after(Event::Verb verb, Reach before) {
  switch (verb) {
    case Event::Verb::down:
      return Reach::silent;
    case Event::Verb::up:
      return Reach::answering;
    case Event::Verb::refuse:
      return Reach::refusing;
    case Event::Verb::slow:
      return Reach::slow;
    default:
      return before;
  }
}

SimulatedResolver made(const ResolverPlan& plan, std::uint64_t seed, Time start) {
  SimulatedResolver one;
  one.plan = plan;
  one.reach = plan.silent ? Reach::silent : plan.refuses ? Reach::refusing : Reach::answering;
  const int count = std::max(1, plan.caches);
  for (int i = 0; i < count; ++i) {
    SimulatedCache cache(Chance(mixed(seed, static_cast<std::uint64_t>(i))));
    if (plan.habitual == 0 || i < plan.habitual) cache.habits = plan.habits;
    cache.place = cache.chance.next();
    cache.next_client =
        plan.clients == Duration(0) ? Time::max() : start + cache.chance.gap(plan.clients);
    one.caches.push_back(std::move(cache));
  }
  return one;
}

}  // namespace

World::World(const Scenario& scenario, Time start)
    : owner_(scenario.owner),
      expected_(scenario.input.expected),
      chance_(mixed(scenario.seed, 1)),
      changed_at_(start),
      family_controls_(scenario.input.family_controls) {
  for (const AuthorityPlan& plan : scenario.authorities) {
    SimulatedAuthority& one = authorities_.emplace_back();
    one.plan = plan;
    one.sites.assign(static_cast<std::size_t>(std::max(1, plan.sites)), plan.zone);
    one.there = !plan.later;
  }
  add_records(scenario);
  signed_zone_ = scenario.signed_zone;
  for (const ResolverPlan& plan : scenario.resolvers) {
    by_address_.emplace(plan.resolver.endpoint, resolvers_.size());
    resolvers_.push_back(made(plan, mixed(scenario.seed, resolvers_.size() + 2), start));
  }
}

void World::apply(const Event& event, Time now) {
  using Verb = Event::Verb;
  pass(now);
  if (event.verb == Verb::loss) loss_percent_ = event.percent;
  if (event.verb == Verb::lose_family || event.verb == Verb::regain_family)
    (event.text == "IPv6" ? v6_lost_ : v4_lost_) = event.verb == Verb::lose_family;
  if (event.verb == Verb::break_signatures) signatures_broken_ = true;
  if (event.verb == Verb::mend_signatures) signatures_broken_ = false;
  for (SimulatedRecord& one : records_)
    if (one.plan.server.text() == event.target) one.reach = reach_after(event.verb, one.reach);
  if (event.verb == Verb::record) apply_record(event.record, now);
  for (SimulatedResolver& one : resolvers_)
    if (one.plan.resolver.endpoint.text() == event.target)
      one.reach = reach_after(event.verb, one.reach);
  for (SimulatedAuthority& one : authorities_) {
    if (one.plan.name.text() != event.target) continue;
    one.reach = reach_after(event.verb, one.reach);
    one.there = one.there || event.verb == Verb::join;
    if (holds_other(one)) changed_at_ = now;  // it may begin or end to serve that
    if (event.verb != Verb::serve) continue;
    changed_at_ = now;
    if (event.serial) one.plan.serial = event.serial;
    for (std::size_t site = 0; site < one.sites.size(); ++site)
      if (event.site == 0 || site + 1 == static_cast<std::size_t>(event.site))
        one.sites[site] = event.zone;
  }
}

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
  Time from = now;
  if (cache.held) from = std::max(from, cache.expires_at);
  if (cache.held && cache.habits.prefetches)
    from = std::max(now, cache.expires_at - Duration(seconds(cache.kept)) / 10);
  return from + cache.chance.gap(one.plan.clients);
}

// The zone that a reachable authority serves to this cache; null when none answers it.
const Zone* World::fetch(SimulatedCache& cache, Told& told) {
  std::vector<const SimulatedAuthority*> reachable;
  bool waited = false;
  for (const SimulatedAuthority& one : authorities_) {
    if (!one.there) continue;
    if (one.reach == Reach::answering || one.reach == Reach::slow) reachable.push_back(&one);
    waited = waited || one.reach == Reach::silent;
  }
  if (reachable.empty()) {
    if (waited) told.took = kTry + Duration(cache.chance.below(2500));
    return nullptr;
  }
  const SimulatedAuthority& one = *reachable[cache.chance.below(reachable.size())];
  if (one.reach == Reach::slow) told.took = kSlowAnswer;
  return &one.sites[cache.place % one.sites.size()];
}

bool World::fill(const SimulatedResolver& one, SimulatedCache& cache, Time now, Told& told) {
  const Zone* fetched = fetch(cache, told);
  if (!fetched) return false;
  if (signatures_broken_ && one.plan.validates) {
    told.bogus = true;
    return false;
  }
  std::uint32_t kept = std::max(fetched->ttl, cache.habits.min_ttl);
  if (cache.habits.max_ttl != 0) kept = std::min(kept, cache.habits.max_ttl);
  if (cache.other_until && *cache.other_until > now) cache.other_until = now;
  cache.held = *fetched;
  cache.kept = kept;
  cache.expires_at = now + seconds(kept);
  if (fetched->set != expected_)
    cache.other_until =
        cache.habits.forever || cache.habits.serves_stale ? Time::max() : cache.expires_at;
  return true;
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

SimulatedResolver* World::resolver(const Endpoint& address) {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : &resolvers_[found->second];
}

bool World::lost(const SimulatedResolver& one) {
  return chance_.percent(loss_percent_) || chance_.percent(one.plan.loss_percent);
}

bool World::over_limit(SimulatedResolver& one, Time now) {
  if (one.plan.limit == 0) return false;
  const std::int64_t minute = now.time_since_epoch() / std::chrono::minutes(1);
  if (minute != one.minute) one.asked = 0;
  one.minute = minute;
  return ++one.asked > one.plan.limit;
}

std::size_t World::chosen_cache(const SimulatedResolver& one) {
  const auto count = one.caches.size();
  const std::uint64_t address = one.caches.front().place;
  switch (one.plan.dispatch) {
    case Dispatch::sticky:
      return mixed(address, chance_.below(kPorts)) % count;
    case Dispatch::pinned:
      return address % count;
    case Dispatch::random:
      break;
  }
  return chance_.below(count);
}

template <class Sample>
bool World::is_served(Sample& sample, Reach reach, Time now, Duration limit) {
  sample.sent_at = now;
  sample.received_at = now + limit * kTries;
  if (reach == Reach::silent) return false;
  int tries = 0;
  while (tries < kTries && chance_.percent(loss_percent_)) ++tries;
  if (tries == kTries) return false;
  sample.received_at = now + kTry * tries + (reach == Reach::slow ? kSlowAnswer : kTrip);
  sample.outcome = Outcome::refused;
  return reach != Reach::refusing;
}

template bool World::is_served(CompanionSample&, Reach, Time, Duration);  // world_records.cc

AuthoritySample World::ask_authority(const ProbeDue& probe, Time now, Duration limit) {
  AuthoritySample sample;
  sample.owner = owner_;
  sample.server = probe.server;
  sample.endpoint = probe.endpoint;
  const auto one = std::find_if(authorities_.begin(), authorities_.end(), [&](const auto& a) {
    return a.plan.name == probe.server && a.plan.endpoint == probe.endpoint;
  });
  const bool heard = one != authorities_.end() && reaches(probe.endpoint);
  const Reach reach = heard ? one->reach : Reach::silent;
  if (!is_served(sample, reach, now, limit)) return sample;
  const std::size_t site = chance_.below(static_cast<std::uint64_t>(std::max(1, one->plan.seen)));
  const Zone& zone = one->sites[std::min(site, one->sites.size() - 1)];
  sample.outcome = outcome_of(zone);
  sample.authoritative = true;
  sample.set = zone.set;
  sample.ttl = zone.ttl;
  sample.serial = one->plan.serial;
  sample.soa_expire = one->plan.expire;
  sample.tailored = one->plan.tailored;
  if (one->sites.size() > 1) sample.nsid = fmt::format("site-{}", site + 1);
  return sample;
}

ResolverSample World::ask_resolver(const Endpoint& address, Time now, Duration limit) {
  ResolverSample sample;
  sample.owner = owner_;
  sample.resolver = address;
  sample.sent_at = now;
  sample.received_at = now + limit;
  SimulatedResolver* one = resolver(address);
  if (!one || one->reach == Reach::silent || lost(*one) || !reaches(address)) return sample;
  const Duration trip = one->reach == Reach::slow ? kSlowAnswer : kTrip;
  sample.received_at = now + trip;
  if (one->reach == Reach::refusing || one->plan.refuses_owner || over_limit(*one, now)) {
    sample.outcome = Outcome::refused;
    return sample;
  }
  if (one->plan.truncates) {
    sample.outcome = Outcome::malformed;
    return sample;
  }
  const std::size_t chosen = chosen_cache(*one);
  SimulatedCache& cache = one->caches[chosen];
  pass(*one, cache, now);
  const Told told = tell(*one, cache, now);
  cache.next_client = next_change(*one, cache, now);
  sample.received_at = now + std::min(limit, trip + told.took);
  sample.outcome = told.zone ? outcome_of(*told.zone) : Outcome::servfail;
  sample.bogus_marked = told.bogus;
  sample.stale_marked = told.stale && one->plan.marks_stale;
  if (!one->plan.nsid.empty())
    sample.nsid = one->caches.size() == 1 || one->plan.shares_nsid
                      ? one->plan.nsid
                      : fmt::format("{}-{}", one->plan.nsid, chosen + 1);
  if (!told.zone) return sample;
  sample.authenticated = signed_zone_ && !signatures_broken_ && one->plan.validates;
  sample.set = told.zone->set;
  sample.ttl = told.zone->ttl;
  one->shown_other = sample.set != expected_;
  cache.shown_other = one->shown_other ? std::optional(now) : std::nullopt;
  return sample;
}

ControlSample World::ask_control(const Endpoint& address, Time now, Duration limit) {
  ControlSample sample;
  sample.resolver = address;
  if (std::find(family_controls_.begin(), family_controls_.end(), address) !=
      family_controls_.end()) {
    sample.root_answered = reaches(address) && !chance_.percent(loss_percent_);
    sample.received_at = now + (sample.root_answered ? kTrip : limit);
    return sample;
  }
  SimulatedResolver* one = resolver(address);
  const bool unheard = !one || one->reach == Reach::silent || lost(*one) || !reaches(address);
  sample.received_at = now + (unheard ? limit : kTrip);
  sample.root_answered = !unheard && one->reach != Reach::refusing && !over_limit(*one, now);
  sample.lies = !unheard && one->plan.lies;
  sample.intercepted = !unheard && one->plan.intercepted;
  return sample;
}

bool World::holds_other(const SimulatedAuthority& one) const {
  return std::any_of(one.sites.begin(), one.sites.end(),
                     [&](const Zone& zone) { return zone.set != expected_; });
}

// Packets that are lost are no matter here: it is asked again.
IdentitySample World::ask_identity(const Endpoint& address, Time now, Duration limit) {
  IdentitySample sample;
  sample.resolver = address;
  const SimulatedResolver* one = resolver(address);
  sample.answered = one && !one->plan.silent && reaches(address);
  sample.received_at = now + (sample.answered ? kTrip : limit);
  if (sample.answered && !one->plan.refuses) sample.id_server = one->plan.id_server;
  return sample;
}

DotSample World::ask_dot(const Endpoint& address, Time now, Duration limit) {
  const SimulatedResolver* one = resolver(address);
  const DotSays says = one ? one->plan.dot : DotSays::unproved;
  DotSample sample;
  sample.resolver = address;
  sample.sent_at = now;
  sample.received_at = now + kTrip;
  if (says == DotSays::the_same) {
    const ResolverSample same = ask_resolver(address, now, limit);
    sample.received_at = same.received_at;
    sample.outcome = same.outcome;
    sample.set = same.set;
    sample.stale_marked = same.stale_marked;
  } else if (says == DotSays::nxdomain) {
    sample.outcome = Outcome::nxdomain;
  } else {
    sample.fault = "its certificate can't be verified";
  }
  return sample;
}

bool World::would_tell_other(const SimulatedCache& cache, Time now) const {
  if (!cache.held || cache.held->set == expected_) return false;
  if (now < cache.expires_at || cache.habits.forever || cache.habits.serves_stale) return true;
  return cache.habits.stale_on_failure &&
         std::none_of(authorities_.begin(), authorities_.end(),
                      [](const auto& one) { return one.reach == Reach::answering; });
}

Truth World::truth(Time now) {
  pass(now);
  Truth truth;
  Time clean = changed_at_;
  for (const SimulatedAuthority& one : authorities_) {
    const bool heard = one.reach != Reach::silent && one.reach != Reach::refusing;
    if (one.there && heard && holds_other(one)) truth.authority_other = true;
  }
  for (const SimulatedResolver& one : resolvers_) {
    int stale = 0;
    for (const SimulatedCache& cache : one.caches) {
      ++truth.caches;
      const bool other = would_tell_other(cache, now);
      stale += other ? 1 : 0;
      if (other && cache.shown_other)
        truth.last_seen_other.emplace_back(one.plan.resolver.endpoint, *cache.shown_other);
      if (cache.other_until && *cache.other_until <= now)
        clean = std::max(clean, *cache.other_until);
    }
    truth.stale += stale;
    if (one.plan.unlisted) continue;
    if (stale > 0) truth.stale_listed.push_back(one.plan.resolver.endpoint);
    if (one.shown_other) truth.shown_other.push_back(one.plan.resolver.endpoint);
  }
  clean = std::max(clean, judge_records(truth, now));
  if (truth.clean()) truth.clean_since = clean;
  return truth;
}

}  // namespace mxswitch::monitor::simulation
