#include "tests/simulation/cost.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <vector>

#include "monitor/simulation/run.h"
#include "tests/simulation/worlds.h"

namespace mxswitch::simulation {
namespace {

using monitor::simulation::Asked;
using monitor::simulation::RunResult;
using monitor::simulation::Scenario;

constexpr Duration kDay = std::chrono::hours(24);

struct Played {
  Scenario scenario;
  RunResult result;
  std::vector<Asked> ledger;
};

Played play(const std::string& text) {
  auto scenario = monitor::simulation::parse_scenario(text, "ordinary");
  if (!scenario) throw std::runtime_error(scenario.error().text() + "\n" + text);
  Played played{std::move(*scenario), {}, {}};
  monitor::simulation::RunOptions options;
  options.whole = false;
  options.after_ready = kDay;
  options.ledger = &played.ledger;
  played.result = run_scenario(played.scenario, "", options);
  return played;
}

double packets_after(const Played& played) {
  double packets = 0;
  for (const Asked& one : played.ledger)
    if (one.at >= *played.result.ready->strict_until) packets += one.packets;
  return packets;
}

// The most of any 24 h, of those that begin with a packet.
double most_in_a_day(const std::vector<Asked>& asked) {
  double most = 0, within = 0;
  for (std::size_t first = 0, next = 0; first < asked.size(); ++first) {
    for (; next < asked.size() && asked[next].at < asked[first].at + kDay; ++next)
      within += asked[next].packets;
    most = std::max(most, within);
    within -= asked[first].packets;
  }
  return most;
}

double most_at_a_refusing_one(const Played& played) {
  std::map<probes::Endpoint, std::vector<Asked>> each;
  for (const auto& plan : played.scenario.resolvers)
    if (plan.refuses) each[plan.resolver.endpoint];
  for (const Asked& one : played.ledger)
    if (const auto found = each.find(one.server); found != each.end()) found->second.push_back(one);
  double most = 0;
  for (const auto& [server, asked] : each) most = std::max(most, most_in_a_day(asked));
  return most;
}

}  // namespace

Cost cost_of_ordinary(std::uint64_t seed, std::uint32_t ttl) {
  const Played with = play(ordinary_world(seed, ttl));
  const Played without = play(ordinary_world(seed, ttl, false));
  Cost cost;
  cost.failing_a_day = most_at_a_refusing_one(with);
  cost.ready = with.result.ready && without.result.ready;
  if (!cost.ready) return cost;
  cost.after = packets_after(with);
  cost.without = packets_after(without);
  return cost;
}

}  // namespace mxswitch::simulation
