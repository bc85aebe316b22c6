#include "tests/simulation/naive.h"

#include <set>

#include "monitor/propagation/classify.h"
#include "monitor/simulation/run.h"

namespace mxswitch::simulation {
namespace {

using monitor::simulation::Scenario;
using monitor::simulation::World;

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kLimit = seconds(6);

class Watch {
 public:
  Watch(const Scenario& scenario, Rule rule)
      : scenario_(scenario), rule_(rule), world_(scenario, monitor::simulation::kStart) {}

  NaiveOutcome run() {
    const Duration every = rule_ == Rule::first_new_300 ? kMinute * 5 : kMinute;
    const Duration change = change_of(scenario_).value_or(scenario_.end);
    if (rule_ == Rule::one_ttl) look_at_authority(change - kMinute);
    for (Duration at = change; at <= scenario_.end; at += every) {
      advance(at);
      if (!is_ready(at)) continue;
      outcome_.ready = at;
      outcome_.truth = world_.truth(monitor::simulation::kStart + at);
      break;
    }
    return outcome_;
  }

 private:
  void advance(Duration to) {
    while (next_ < scenario_.events.size() && scenario_.events[next_].at <= to) {
      const auto& event = scenario_.events[next_++];
      world_.apply(event, monitor::simulation::kStart + event.at);
    }
  }

  bool is_ready(Duration at) {
    if (rule_ == Rule::one_ttl) return waited(at);
    int answered = 0, fresh = 0;
    for (const probes::Resolver& resolver : scenario_.input.resolvers) {
      if (done_.count(resolver.endpoint) != 0) continue;
      ++outcome_.queries;
      const auto sample =
          world_.ask_resolver(resolver.endpoint, monitor::simulation::kStart + at, kLimit);
      if (!monitor::is_conclusive(sample.outcome)) continue;
      ++answered;
      if (sample.set != scenario_.input.expected) continue;
      ++fresh;
      if (rule_ == Rule::first_new_60 || rule_ == Rule::first_new_300)
        done_.insert(resolver.endpoint);
    }
    if (rule_ == Rule::one_look) return answered > 0 && fresh == answered;
    if (rule_ == Rule::majority) return fresh * 2 > answered;
    return !done_.empty() && fresh == answered;
  }

  void look_at_authority(Duration at) {
    advance(at);
    const auto& plan = scenario_.authorities.front();
    ++outcome_.queries;
    const auto sample =
        world_.ask_authority({monitor::ProbeKind::authority, plan.endpoint, plan.name, {}},
                             monitor::simulation::kStart + at, kLimit);
    if (!monitor::is_conclusive(sample.outcome)) return;
    if (sample.set != scenario_.input.expected)
      old_ttl_ = seconds(sample.ttl);
    else if (!turned_)
      turned_ = at;
  }

  bool waited(Duration at) {
    if (!turned_) look_at_authority(at);
    return turned_ && at >= *turned_ + old_ttl_;
  }

  const Scenario& scenario_;
  Rule rule_;
  World world_;
  std::size_t next_ = 0;
  std::set<probes::Endpoint> done_;
  std::optional<Duration> turned_;
  Duration old_ttl_{0};
  NaiveOutcome outcome_;
};

}  // namespace

const char* to_text(Rule rule) {
  switch (rule) {
    case Rule::one_look:
      return "one look all new";
    case Rule::majority:
      return "majority new";
    case Rule::first_new_60:
      return "first new, polled each 60 s";
    case Rule::first_new_300:
      return "first new, polled each 300 s";
    case Rule::one_ttl:
      return "waited one TTL";
  }
  return "";
}

NaiveOutcome judge_naively(const Scenario& scenario, Rule rule) {
  return Watch(scenario, rule).run();
}

}  // namespace mxswitch::simulation
