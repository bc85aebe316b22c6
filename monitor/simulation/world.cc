#include "monitor/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/classify.h"
#include "monitor/simulation/world_parts.h"
#include "probes/dns/source_ports.h"

namespace mxswitch::monitor::simulation {
namespace {

constexpr std::uint32_t kFilterTtl = 60;
constexpr Duration kTrip{20};                           // there and back
constexpr int kTries = 3;                               // of a poll: UDP, UDP, TCP
constexpr std::uint64_t kPorts = probes::kSourcePorts;  // that our queries leave from

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
  list_servers(scenario);
  add_records(scenario);
  signed_zone_ = scenario.signed_zone;
  for (const ResolverPlan& plan : scenario.resolvers) {
    by_address_.emplace(plan.resolver.endpoint, resolvers_.size());
    resolvers_.push_back(made(plan, mixed(scenario.seed, resolvers_.size() + 2), start));
  }
  hold_copies(scenario, start);
}

void World::apply(const Event& event, Time now) {
  using Verb = Event::Verb;
  pass(now);
  if (event.verb == Verb::loss) loss_percent_ = event.percent;
  if (event.verb == Verb::lose_family || event.verb == Verb::regain_family)
    lose(event.text, event.verb == Verb::lose_family);
  if (event.verb == Verb::break_signatures) signatures_broken_ = true;
  if (event.verb == Verb::mend_signatures) signatures_broken_ = false;
  for (SimulatedRecord& one : records_)
    if (one.plan.server.text() == event.target) one.reach = reach_after(event.verb, one.reach);
  if (event.verb == Verb::record) apply_record(event.record, now);
  for (SimulatedResolver& one : resolvers_)
    if (one.plan.resolver.endpoint.text() == event.target)
      one.reach = reach_after(event.verb, one.reach);
  for (SimulatedAuthority& one : authorities_)
    if (one.plan.name.text() == event.target || one.plan.endpoint.text() == event.target)
      apply_to(one, event, now);
}

// "IPv4", "IPv6", or our uplink: both.
void World::lose(const std::string& what, bool is_lost) {
  if (what != "IPv6") v4_lost_ = is_lost;
  if (what != "IPv4") v6_lost_ = is_lost;
}

void World::apply_to(SimulatedAuthority& one, const Event& event, Time now) {
  using Verb = Event::Verb;
  if (event.whom != Whom::caches) one.to_us = reach_after(event.verb, one.to_us);
  if (event.whom != Whom::us) one.to_caches = reach_after(event.verb, one.to_caches);
  one.there = (one.there || event.verb == Verb::join) && event.verb != Verb::leave;
  if (holds_other(one)) changed_at_ = now;  // it may begin or end to serve that
  if (event.verb != Verb::serve) return;
  changed_at_ = now;
  if (event.serial) one.plan.serial = event.serial;
  for (std::size_t site = 0; site < one.sites.size(); ++site)
    if (event.site == 0 || site + 1 == static_cast<std::size_t>(event.site))
      one.sites[site] = event.zone;
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
  int tries = reach == Reach::silent ? kTries : 0;
  while (tries < kTries && chance_.percent(loss_percent_)) ++tries;
  packets_ += std::min(tries + 1, kTries);
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
  const Reach reach = heard ? one->to_us : Reach::silent;
  if (!is_served(sample, reach, now, limit)) return sample;
  const std::size_t site = chance_.below(static_cast<std::uint64_t>(std::max(1, one->plan.seen)));
  const Zone& zone = one->sites[std::min(site, one->sites.size() - 1)];
  sample.outcome = outcome_of(zone);
  sample.authoritative = true;
  sample.set = zone.set;
  sample.ttl = zone.ttl;
  sample.serial = one->plan.serial;
  sample.soa_expire = one->plan.expire;
  if (one->sites.size() > 1) sample.nsid = fmt::format("site-{}", site + 1);
  return sample;
}

ResolverSample World::ask_resolver(const Endpoint& address, Time now, Duration limit,
                                   bool sparing) {
  ResolverSample sample;
  sample.owner = owner_;
  sample.resolver = address;
  sample.sent_at = now;
  sample.received_at = now + limit;
  ++packets_;
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
  if (one->plan.filter) {
    sample.outcome = one->plan.filter->outcome;
    sample.filter_marked = one->plan.filter->marked;
    sample.ttl = is_conclusive(sample.outcome) ? kFilterTtl : 0;
    return sample;
  }
  const std::size_t chosen = chosen_cache(*one);
  SimulatedCache& cache = one->caches[chosen];
  pass(*one, cache, now);
  const Told told = tell(*one, cache, now);
  cache.next_client = next_change(*one, cache, now);
  sample.received_at = now + std::min(limit, trip + told.took);
  sample.outcome = told.zone ? outcome_of(*told.zone) : Outcome::servfail;
  if (!told.zone && !sparing)
    ++packets_;  // asked again with CD, to tell a broken chain of signatures
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

ControlSample World::ask_control(const Endpoint& address, Time now, Duration limit, bool sparing) {
  ControlSample sample;
  sample.root_only = sparing;
  sample.resolver = address;
  ++packets_;
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
  if (sample.root_answered && !sparing) ++packets_;  // a random label
  sample.lies = !unheard && !sparing && one->plan.lies;
  sample.intercepted = !unheard && one->plan.intercepted;
  return sample;
}

// Packets that are lost are no matter here: it is asked again.
IdentitySample World::ask_identity(const Endpoint& address, Time now, Duration limit) {
  IdentitySample sample;
  sample.resolver = address;
  const SimulatedResolver* one = resolver(address);
  ++packets_;
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
  if (says != DotSays::the_same) ++packets_;
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

}  // namespace mxswitch::monitor::simulation
