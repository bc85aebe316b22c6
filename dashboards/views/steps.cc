#include <array>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::array<Step, 7> kSteps = {{
    {Step::Phase::ahead, "preflight", "Preflight"},
    {Step::Phase::ahead, "changed", "MX changed"},
    {Step::Phase::ahead, "drain", "Caches drain"},
    {Step::Phase::ahead, "ready", "Ready"},
    {Step::Phase::ahead, "switch", "Switch"},
    {Step::Phase::ahead, "verified", "Verified"},
    {Step::Phase::ahead, "final", "Final"},
}};

// The step that a state is in; steps before it are done. A domain that left the road (aborted,
// held, blocked) shows where the MX change stands, which no state takes back.
std::size_t position_of(const Snapshot& snapshot) {
  switch (snapshot.state) {
    case State::draft:
      return 0;
    case State::forwarding:
      return 1;
    case State::propagating:
      return 2;
    case State::ready:
    case State::armed:
    case State::switching:
      return 4;
    case State::verifying:
      return 5;
    case State::hosted:
      return 6;
    case State::final_:
      return 7;
    case State::rolling_back:
    case State::held:
    case State::aborted:
    case State::blocked:
      break;
  }
  if (!snapshot.report.change_started_at) return 1;
  return snapshot.report.ready() ? 4 : 2;
}

}  // namespace

std::vector<Step> steps_of(const Snapshot& snapshot) {
  std::vector<Step> steps(kSteps.begin(), kSteps.end());
  const std::size_t position = position_of(snapshot);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i < position) steps[i].phase = Step::Phase::done;
    if (i == position) steps[i].phase = Step::Phase::current;
  }
  return steps;
}

}  // namespace mxswitch::dashboards
