// Where caches are led to: the parent's NS, the zone's own, and the servers' addresses.
#include <algorithm>

#include "monitor/simulation/world.h"

namespace mxswitch::monitor::simulation {
namespace {

bool is_ignored(const AuthorityPlan& plan, const std::vector<IgnoredAuthority>& ignored) {
  return std::any_of(ignored.begin(), ignored.end(), [&](const IgnoredAuthority& one) {
    return one.server == plan.name.text() || one.server == plan.endpoint.text();
  });
}

void add_once(std::vector<std::size_t>& all, std::size_t one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

}  // namespace

void World::list_servers(const Scenario& scenario) {
  ttls_ = scenario.delegation;
  for (const AuthorityPlan& plan : scenario.authorities) {
    SimulatedAuthority& one = authorities_.emplace_back();
    one.plan = plan;
    one.sites.assign(static_cast<std::size_t>(std::max(1, plan.sites)), plan.zone);
    one.there = !plan.later;
    one.ignored = is_ignored(plan, scenario.input.ignored_authorities);
    const auto known = std::find(names_.begin(), names_.end(), plan.name);
    one.name = static_cast<std::size_t>(known - names_.begin());
    if (known == names_.end()) names_.push_back(plan.name);
  }
  first_names_ = delegated();
}

std::vector<std::size_t> World::delegated() const {
  std::vector<std::size_t> names;
  for (const SimulatedAuthority& one : authorities_)
    if (one.there) add_once(names, one.name);
  return names;
}

// The zone of a provider that was left still lists the servers of before.
std::vector<std::size_t> World::listed_by(const SimulatedAuthority& one) const {
  return one.there ? delegated() : first_names_;
}

// A name that is no longer delegated still has the addresses that it had.
std::vector<std::size_t> World::addresses_of(std::size_t name, bool v6) const {
  std::vector<std::size_t> now, before;
  bool there = false;
  for (std::size_t i = 0; i < authorities_.size(); ++i) {
    const SimulatedAuthority& one = authorities_[i];
    if (one.name != name) continue;
    there = there || one.there;
    if (one.plan.endpoint.address.is_v6() != v6) continue;
    if (one.there) now.push_back(i);
    if (!one.plan.later) before.push_back(i);
  }
  return there ? now : before;
}

std::vector<std::size_t> World::look_up(HeldServers& held, Families families, Time now) const {
  if (now >= held.until) {
    held.names = delegated();
    held.until = now + seconds(ttls_.parent);
  }
  std::vector<std::size_t> all;
  for (const std::size_t name : held.names) {
    for (const bool v6 : {false, true}) {
      if (families == (v6 ? Families::v4 : Families::v6)) continue;
      HeldServers::Addresses& known = held.addresses[{name, v6}];
      if (now >= known.until) known = {addresses_of(name, v6), now + seconds(ttls_.addresses)};
      all.insert(all.end(), known.servers.begin(), known.servers.end());
    }
  }
  return all;
}

}  // namespace mxswitch::monitor::simulation
