// The simulated servers: authorities with zones, resolvers with caches of every habit. Time is
// the caller's; the same seed makes the same world.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

struct SimulatedAuthority {
  AuthorityPlan plan;
  bool up = true;
};

struct SimulatedCache {
  std::optional<Zone> held;
  Time expires_at{};
  Time next_client{};  // when somebody else asks
};

struct SimulatedResolver {
  ResolverPlan plan;
  std::vector<SimulatedCache> caches;
};

class World {
 public:
  World(const Scenario& scenario, Time start);

  // Lets other people ask until `now`.
  void pass(Time now);
  SimulatedAuthority* authority(const std::string& name);

  AuthoritySample ask_authority(const ProbeDue& probe, Time now, Duration limit);
  ResolverSample ask_resolver(const Endpoint& address, Time now, Duration limit);
  ControlSample ask_control(const Endpoint& address, Time now, Duration limit);

  // Resolvers with a cache that would still answer another set than `expected` at `now`.
  std::vector<Endpoint> holders_of_others(const MxSet& expected, Time now) const;

 private:
  SimulatedResolver* resolver(const Endpoint& address);
  std::optional<Zone> fetch();
  // What the cache answers at `now`; refills it. None: SERVFAIL.
  std::optional<Zone> answer(const ResolverPlan& plan, SimulatedCache& cache, Time now);
  void fill(const ResolverPlan& plan, SimulatedCache& cache, Time now);
  bool happens(int percent);
  Duration client_gap(const ResolverPlan& plan);

  DnsName owner_;
  std::vector<SimulatedAuthority> authorities_;
  std::vector<SimulatedResolver> resolvers_;
  std::mt19937_64 random_;
};

}  // namespace mxswitch::monitor::simulation
