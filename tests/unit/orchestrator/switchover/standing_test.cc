// Where a switchover stands for people.
#include "orchestrator/switchover/standing.h"

#include <gtest/gtest.h>

#include "orchestrator/switchover/snapshot.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow = *parse_time("2026-11-22T15:00:00Z");

GateResult gate(std::string id, GateVerdict verdict, std::string why, Turn turn) {
  GateResult result;
  result.id = std::move(id);
  result.verdict = verdict;
  result.why = std::move(why);
  result.turn = turn;
  return result;
}
GateResult open(std::string id) { return gate(std::move(id), GateVerdict::pass, "", Turn::none); }

// The caches are drained and a node of the relay is dead.
Snapshot dead_node() {
  Snapshot s;
  s.domain = "shop.example";
  s.state = State::propagating;
  s.report.ready_from = kNow - std::chrono::minutes(30);
  s.gates = {open("authority"), open("propagation"),
             gate("relay", GateVerdict::fail, "mx2 does not answer: time-out", Turn::operator_),
             gate("operator", GateVerdict::waits, "nobody asked yet", Turn::operator_)};
  s.relay.nodes.resize(2);
  s.relay.nodes[0].reachable = true;
  s.relay.nodes[0].observed_at = s.relay.nodes[1].observed_at = kNow - seconds(3);
  return s;
}

TEST(Standing, AFaultSaysWhatIsDoneAndWhatHappensToMail) {
  const auto fault = fault_of(dead_node());
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault_line("shop.example", *fault, kNow),
            "FAULT shop.example: relay mx2 does not answer: time-out (DNS done 14:30:00Z); Postfix "
            "there defers mail (451)");
  EXPECT_EQ(fault->turn, Turn::operator_);
}

TEST(Standing, MailIsDeferredOnlyWhereANodeIsSilent) {
  Snapshot s = dead_node();
  s.relay.nodes[1].reachable = true;
  EXPECT_EQ(fault_of(s)->meanwhile, "");
  s.relay.nodes[1].reachable = false;
  s.relay.nodes[1].observed_at = Time{};
  EXPECT_EQ(fault_of(s)->meanwhile, "") << "it was not read yet";
}

TEST(Standing, TheDnsIsNotDoneWhileItIsAwaited) {
  Snapshot s = dead_node();
  s.gates[1] = gate("propagation", GateVerdict::waits, "caches", Turn::time);
  EXPECT_FALSE(dns_done_at(s));
  EXPECT_EQ(fault_of(s)->text(kNow),
            "relay mx2 does not answer: time-out; Postfix there defers mail (451)");
}

TEST(Standing, WhatWaitsIsNoFault) {
  Snapshot s = dead_node();
  for (const GateVerdict verdict :
       {GateVerdict::waits, GateVerdict::unknown, GateVerdict::stale, GateVerdict::pass}) {
    s.gates[2].verdict = verdict;
    EXPECT_FALSE(fault_of(s)) << to_text(verdict);
  }
  s.gates[2].verdict = GateVerdict::fail;
  s.gates[2].overridden = true;
  EXPECT_FALSE(fault_of(s));
}

TEST(Standing, OnlyWhatMattersInAStateIsAFaultThere) {
  const std::map<State, std::string> faults = {
      {State::draft, "relay"},     {State::forwarding, "relay"},   {State::propagating, "relay"},
      {State::ready, "relay"},     {State::armed, "relay"},        {State::switching, "relay"},
      {State::verifying, "relay"}, {State::hosted, "relay"},       {State::final_, "relay"},
      {State::held, "relay"},      {State::rolling_back, "relay"}, {State::aborted, ""},
      {State::blocked, ""}};
  for (const auto& [state, wanted] : faults) {
    Snapshot s = dead_node();
    s.state = state;
    s.gates.insert(s.gates.begin(),
                   gate("accounts", GateVerdict::fail, "2 missing: joe, mary", Turn::operator_));
    const auto found = fault_of(s);
    EXPECT_EQ(found ? found->gate : "", wanted) << to_text(state);
  }
  Snapshot s = dead_node();
  s.gates[2] = gate("old-server", GateVerdict::fail, "refused", Turn::customer);
  EXPECT_EQ(fault_of(s)->cause, "old-server: refused");
  s.fault = fault_of(s);
  EXPECT_EQ(turn_of(s), Turn::customer);
  s.state = State::hosted;
  EXPECT_FALSE(fault_of(s)) << "mail does not go there any more";
}

TEST(Standing, TheFirstLineSaysForWhomUntilWhenAndWhy) {
  std::vector<GateResult> gates = {
      open("authority"), gate("propagation", GateVerdict::waits, "12 caches are old", Turn::time),
      gate("spf", GateVerdict::waits, "no record", Turn::customer),
      gate("contact", GateVerdict::waits, "no button pressed", Turn::operator_),
      gate("operator", GateVerdict::waits, "nobody asked yet", Turn::operator_)};
  gates[1].earliest = kNow + std::chrono::minutes(41);
  EXPECT_EQ(closed_text(gates, kNow),
            "time, until 15:41:00Z: propagation: 12 caches are old; meanwhile you: contact: no "
            "button pressed; the customer: spf: no record");
  gates[3].verdict = GateVerdict::fail;
  EXPECT_EQ(deciding_gate(gates)->id, "contact");
  gates[1] = open("propagation");
  gates[2] = open("spf");
  EXPECT_EQ(closed_text(gates, kNow), "you: contact: no button pressed");
  gates[3] = open("contact");
  EXPECT_EQ(closed_text(gates, kNow), "") << "the operator's gate is another matter";
}

}  // namespace
}  // namespace mxswitch::orchestrator
