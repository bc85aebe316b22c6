// What people do without the monitor: rules of thumb, judged on the same worlds.
#pragma once

#include <array>
#include <optional>

#include "monitor/simulation/world.h"

namespace mxswitch::simulation {

enum class Rule {
  one_look,       // a look a minute: all that answered were new
  majority,       // a look a minute: over half of them were
  first_new_60,   // each resolver is done at its first new answer; polled each minute
  first_new_300,  // every 5 minutes
  one_ttl,        // the old TTL after the first authority served the new set
};
inline constexpr std::array kRules = {Rule::one_look, Rule::majority, Rule::first_new_60,
                                      Rule::first_new_300, Rule::one_ttl};
const char* to_text(Rule rule);

struct NaiveOutcome {
  std::optional<Duration> ready;  // since the start
  monitor::simulation::Truth truth;
  int queries = 0;
};

// They are told when the change is made, and begin then.
NaiveOutcome judge_naively(const monitor::simulation::Scenario& scenario, Rule rule);

}  // namespace mxswitch::simulation
