#include <array>

#include "dashboards/views/words.h"
#include "orchestrator/gates/judge.h"

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

bool is_open(const Snapshot& snapshot, std::string_view id) {
  return tone_of_gate(snapshot, id) == "good";
}

// How far the change of MX and what else the switch needs has come, whatever the state is called.
std::size_t before_the_switch(const Snapshot& snapshot) {
  const bool begun = snapshot.report.change_started_at.has_value();
  if (!begun && snapshot.state != State::propagating) return snapshot.state == State::draft ? 0 : 1;
  if (begun && !snapshot.report.drain_started_at && !is_open(snapshot, "authority")) return 1;
  if (!is_open(snapshot, "authority") || !is_open(snapshot, "propagation")) return 2;
  return orchestrator::closed_gates(snapshot.gates, false).empty() ? 4 : 3;
}

// The step that is current; those before it are done. A domain that left the road (aborted, held,
// blocked) shows where the MX change stands, which no state takes back.
std::size_t position_of(const Snapshot& snapshot) {
  switch (snapshot.state) {
    case State::draft:
    case State::forwarding:
    case State::propagating:
    case State::rolling_back:
    case State::held:
    case State::aborted:
    case State::blocked:
      return before_the_switch(snapshot);
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
  }
  return 0;
}

}  // namespace

std::vector<Step> steps_of(const Snapshot& snapshot) {
  std::vector<Step> steps(kSteps.begin(), kSteps.end());
  const std::size_t position = position_of(snapshot);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i < position) steps[i].phase = Step::Phase::done;
    if (i != position) continue;
    steps[i].phase = Step::Phase::current;
    steps[i].fault = snapshot.fault.has_value();
  }
  return steps;
}

}  // namespace mxswitch::dashboards
