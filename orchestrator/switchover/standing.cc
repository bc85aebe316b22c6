#include "orchestrator/switchover/standing.h"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/snapshot.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr const char* kOperatorGate = "operator";

// Once mail is delivered here, what was asked of the way there is over.
bool matters(const std::string& gate, State state) {
  switch (state) {
    case State::draft:
    case State::forwarding:
    case State::propagating:
    case State::ready:
    case State::armed:
      return true;
    case State::verifying:
    case State::hosted:
      return gate == "relay" || gate == "authority" || gate == "contact";
    case State::switching:
    case State::rolling_back:
    case State::held:
    case State::final_:
      return gate == "relay";
    case State::aborted:
    case State::blocked:
      return false;
  }
  return false;
}

const GateResult* failing(const Snapshot& s) {
  const GateResult* found = nullptr;
  for (const GateResult& gate : s.gates) {
    const bool fails = gate.verdict == GateVerdict::fail && !gate.open();
    if (!fails || !matters(gate.id, s.state)) continue;
    // Mail is at risk where the relay is not well.
    if (found == nullptr || gate.id == "relay") found = &gate;
  }
  return found;
}

bool a_node_is_silent(const RelayView& relay) {
  return std::ranges::any_of(relay.nodes, [](const RelayNodeView& node) {
    return !node.reachable && node.observed_at != Time{};
  });
}

bool is_open(const std::vector<GateResult>& gates, std::string_view id) {
  const auto found = std::ranges::find(gates, id, &GateResult::id);
  return found != gates.end() && found->open();
}

std::string who_and_until(const GateResult& gate, Time now) {
  if (!gate.earliest) return std::string(people_of(gate.turn));
  return fmt::format("{}, until {}", people_of(gate.turn), format_moment(*gate.earliest, now));
}

// The first that waits for `turn`; null: none does.
const GateResult* first_of(const std::vector<GateResult>& gates, Turn turn) {
  for (const GateResult& gate : gates) {
    if (!gate.open() && gate.id != kOperatorGate && gate.turn == turn) return &gate;
  }
  return nullptr;
}

}  // namespace

std::string StandingFault::text(Time now) const {
  std::string said = cause;
  if (dns_done_at) said += fmt::format(" (DNS done {})", format_moment(*dns_done_at, now));
  if (!meanwhile.empty()) said += "; " + meanwhile;
  return said;
}

std::string fault_line(const std::string& domain, const StandingFault& fault, Time now) {
  return fmt::format("FAULT {}: {}", domain, fault.text(now));
}

std::optional<Time> dns_done_at(const Snapshot& s) {
  if (!is_open(s.gates, "authority") || !is_open(s.gates, "propagation")) return std::nullopt;
  std::optional<Time> last = s.report.ready_from;
  for (const monitor::PropagationReport& report : s.other_owners) {
    if (report.ready_from) last = std::max(last.value_or(*report.ready_from), *report.ready_from);
  }
  return last;
}

std::optional<StandingFault> fault_of(const Snapshot& s) {
  const GateResult* gate = failing(s);
  if (gate == nullptr) return std::nullopt;
  StandingFault fault;
  fault.gate = gate->id;
  fault.turn = gate->turn;
  const bool relay = gate->id == "relay";
  fault.cause = fmt::format("{}{} {}", gate->id, relay ? "" : ":", gate->why);
  if (relay && a_node_is_silent(s.relay)) fault.meanwhile = "Postfix there defers mail (451)";
  if (s.state == State::propagating || s.state == State::ready || s.state == State::armed)
    fault.dns_done_at = dns_done_at(s);
  return fault;
}

const GateResult* deciding_gate(const std::vector<GateResult>& gates) {
  const GateResult* first = nullptr;
  for (const GateResult& gate : gates) {
    if (gate.open() || gate.id == kOperatorGate) continue;
    if (gate.verdict == GateVerdict::fail) return &gate;
    if (first == nullptr) first = &gate;
  }
  return first;
}

std::string closed_text(const std::vector<GateResult>& gates, Time now) {
  const GateResult* main = deciding_gate(gates);
  if (main == nullptr) return {};
  std::string text = fmt::format("{}: {}: {}", who_and_until(*main, now), main->id, main->why);
  std::string_view join = "; meanwhile";
  for (const Turn turn : {Turn::operator_, Turn::customer}) {
    const GateResult* gate = first_of(gates, turn);
    if (gate == nullptr || turn == main->turn) continue;
    text += fmt::format("{} {}: {}: {}", join, people_of(turn), gate->id, gate->why);
    join = ";";
  }
  return text;
}

Turn turn_of(const Snapshot& s) {
  if (s.fault) return s.fault->turn;
  switch (s.state) {
    case State::draft:
    case State::switching:
    case State::rolling_back:
    case State::verifying:
      return Turn::time;
    case State::ready:
    case State::held:
    case State::aborted:
    case State::blocked:
      return Turn::operator_;
    case State::hosted:
    case State::final_:
      return Turn::none;
    case State::forwarding:
    case State::propagating:
    case State::armed:
      break;
  }
  if (s.frozen) return Turn::operator_;
  if (const GateResult* gate = deciding_gate(s.gates)) return gate->turn;
  const auto found = std::ranges::find(s.gates, kOperatorGate, &GateResult::id);
  const bool commanded = s.state == State::armed && found != s.gates.end() && !found->open();
  return commanded ? found->turn : Turn::time;
}

}  // namespace mxswitch::orchestrator
