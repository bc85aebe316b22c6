// One sample snapshot of each state that a page can show, by its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::fakes {

// Before the change: the authorities serve the old set, and no resolver is asked.
inline monitor::PropagationReport quiet_report(Time now) {
  monitor::PropagationReport report;
  report.owner = probes::DnsName::parse("shop.example").value();
  report.expected = set_of(kNewSet);
  report.old_sets = {set_of(kOldSet)};
  report.at = now;
  report.verdict = monitor::Verdict::hold;
  report.reasons = {{"unchanged", "the authorities still serve the old set", {}}};
  report.a = {monitor::Holds::no, report.reasons};
  report.b = report.c = {monitor::Holds::no, {}};
  report.d = {monitor::Holds::yes, {}};
  add_authorities(report, now);
  for (auto& authority : report.authorities) {
    authority.last_class = AnswerClass::old;
    authority.set = set_of(kOldSet);
    authority.new_since.reset();
  }
  return report;
}

inline GateResult& gate_named(Snapshot& s, std::string_view id) {
  for (auto& gate : s.gates) {
    if (gate.id == id) return gate;
  }
  return s.gates.front();
}

inline void close_gate(Snapshot& s, std::string_view id, GateVerdict verdict,
                       orchestrator::Turn turn, std::string why) {
  auto& gate = gate_named(s, id);
  gate.verdict = verdict;
  gate.turn = turn;
  gate.why = std::move(why);
  s.blocked_by.clear();
  for (const auto& one : s.gates) {
    if (!one.open()) s.blocked_by.push_back(one.id);
  }
}

// As the daemon composes it: what is at fault, and whose turn it is.
inline Snapshot standing(Snapshot s) {
  s.fault = fault_of(s);
  s.turn = turn_of(s);
  return s;
}

inline Snapshot draft_snapshot(Time now) {
  Snapshot s = base_snapshot(State::draft, now);
  s.report = quiet_report(now);
  s.history.resize(1);
  s.waiting_for = "both relay nodes to forward shop.example to the old server";
  add_gates(s, now);
  close_gate(s, "relay", GateVerdict::unknown, orchestrator::Turn::time, "node-2 was not read yet");
  add_relay(s, now, "forward");
  s.relay.observed = "unknown";
  s.relay.nodes[1].mode.clear();
  s.relay.nodes[1].in_force = false;
  return s;
}

inline Snapshot forwarding_snapshot(Time now) {
  Snapshot s = base_snapshot(State::forwarding, now);
  s.report = quiet_report(now);
  s.history.resize(2);
  s.waiting_for = "the customer: to change MX, no authority answers with the new set yet";
  add_gates(s, now);
  close_gate(s, "authority", GateVerdict::waits, orchestrator::Turn::customer,
             "both servers serve 10 mail.shop.example");
  close_gate(s, "propagation", GateVerdict::waits, orchestrator::Turn::customer,
             "the drain has not begun: ns1, ns2 must serve the new set first");
  add_relay(s, now, "forward");
  return standing(std::move(s));
}

// A switch under way: `done` of the two nodes were written.
inline Snapshot moving_snapshot(State state, Time now, std::string operation, int done,
                                const std::string& from, const std::string& to) {
  Snapshot s = base_snapshot(state, now);
  s.state_since = now - seconds(6);
  s.report = ready_report(now);
  s.operation = std::move(operation);
  s.history.push_back({now - seconds(6), "anna", "switch", "customer agreed by phone", "op-17"});
  add_gates(s, now);
  add_relay(s, now, from);
  s.relay.desired = to;
  for (int i = 0; i < done; ++i) s.relay.nodes[static_cast<std::size_t>(i)].mode = to;
  s.relay.observed = done == 0 ? from : done == 2 ? to : "differs";
  return s;
}

inline Snapshot armed_snapshot(Time now) {
  Snapshot s = moving_snapshot(State::armed, now, "armed", 0, "forward", "hosted");
  s.waiting_for = "one more answer of each authority before the first node is written";
  return s;
}

inline Snapshot switching_snapshot(Time now) {
  Snapshot s = moving_snapshot(State::switching, now, "switching 1/2", 1, "forward", "hosted");
  s.waiting_for = "node-2 to take the route";
  return s;
}

inline Snapshot verifying_snapshot(Time now) {
  Snapshot s = moving_snapshot(State::verifying, now, "verifying 1/2", 2, "forward", "hosted");
  s.waiting_for = "the probe through node-2 to arrive in the hosted mailbox";
  return s;
}

inline Snapshot rolling_back_snapshot(Time now) {
  Snapshot s =
      moving_snapshot(State::rolling_back, now, "rolling back 1/2", 1, "hosted", "forward");
  s.waiting_for = "node-2 to forward again";
  s.history.push_back(
      {now - seconds(6), "anna", "rollback", "mail for sales was missing", "op-18"});
  return s;
}

inline Snapshot final_snapshot(Time now) {
  Snapshot s = hosted_snapshot(now);
  s.state = State::final_;
  s.waiting_for = "nothing: the old server may go";
  s.history.push_back({now - minutes(1), "anna", "finalize", "soak is over", "7 days, 0 stray"});
  return s;
}

inline Snapshot held_snapshot(Time now) {
  Snapshot s = base_snapshot(State::held, now);
  s.report = propagating_report(now);
  s.waiting_for = "the old server, which refuses mail: both nodes keep it in their queues";
  add_spf_matrix(s, now);
  add_gates(s, now);
  close_gate(s, "old-server", GateVerdict::fail, orchestrator::Turn::operator_,
             "connection refused at 198.51.100.25:25");
  add_relay(s, now, "hold");
  for (auto& node : s.relay.nodes) node.queued = 318;
  return s;
}

inline Snapshot aborted_snapshot(Time now) {
  Snapshot s = base_snapshot(State::aborted, now);
  s.report = propagating_report(now);
  s.waiting_for = "a new plan: mxswitch plan apply shop.example.toml";
  s.history.push_back({now - minutes(2), "anna", "abort", "the customer stays", "op-19"});
  add_gates(s, now);
  add_relay(s, now, "forward");
  return s;
}

// READY in DNS, and stopped by a person's rollback.
inline Snapshot frozen_snapshot(Time now) {
  Snapshot s = base_snapshot(State::ready, now);
  s.report = ready_report(now);
  s.frozen = true;
  s.waiting_for =
      "you: frozen since the rollback of 13:40 by anna: mail for sales was missing; mxswitch "
      "unfreeze shop.example --reason ...";
  s.history.push_back(
      {now - minutes(11), "anna", "rollback", "mail for sales was missing", "op-18"});
  add_gates(s, now);
  add_relay(s, now, "forward");
  return s;
}

// The caches are drained, and a node of the relay is dead.
inline Snapshot fault_snapshot(Time now) {
  Snapshot s = base_snapshot(State::propagating, now);
  s.report = ready_report(now);
  s.history.push_back({now - minutes(1), "mxswitch", "ready -> propagating",
                       "node-2 does not answer: connection refused", ""});
  add_gates(s, now);
  close_gate(s, "relay", GateVerdict::fail, orchestrator::Turn::operator_,
             "node-2 does not answer: connection refused at 198.51.100.72:8443");
  add_relay(s, now, "forward");
  s.relay.observed = "unknown";
  s.relay.nodes[1].reachable = s.relay.nodes[1].in_force = false;
  s.relay.nodes[1].mode.clear();
  s.relay.nodes[1].error = "connection refused at 198.51.100.72:8443";
  s = standing(std::move(s));
  s.waiting_for = "you: " + s.fault->text(now);
  return s;
}

// Nothing in it can be broken at a blank, and every name is as long as names can be.
inline Snapshot long_snapshot(Time now) {
  const std::string label(63, 'w');
  const std::string name =
      label + "." + label + "." + label + "." + std::string(53, 'w') + ".example";
  Snapshot s = filled_snapshot(now, name);
  const auto owner = probes::DnsName::parse(name).value();
  s.report.owner = owner;
  s.plan_digest = std::string(64, 'd');
  s.report.old_sets = {set_of("10 " + name)};
  s.report.expected = set_of("10 " + name + ", 20 x" + name.substr(1));
  for (auto& resolver : s.report.resolvers) resolver.set = s.report.expected;
  for (auto& authority : s.report.authorities) authority.server = owner;
  return s;
}

struct StateSample {
  std::string_view name;
  Snapshot (*make)(Time now);
};

inline const std::vector<StateSample>& state_samples() {
  static const std::vector<StateSample> samples = {
      {"draft", draft_snapshot},
      {"forwarding", forwarding_snapshot},
      {"propagating", propagating_snapshot},
      {"ready", ready_snapshot},
      {"armed", armed_snapshot},
      {"switching", switching_snapshot},
      {"verifying", verifying_snapshot},
      {"hosted", hosted_snapshot},
      {"final", final_snapshot},
      {"rolling_back", rolling_back_snapshot},
      {"held", held_snapshot},
      {"aborted", aborted_snapshot},
      {"blocked", blocked_snapshot},
      {"frozen", frozen_snapshot},
      {"fault", fault_snapshot},
      {"long", long_snapshot},
  };
  return samples;
}

}  // namespace mxswitch::fakes
