// Relays and processes that die at every step (SWITCHOVER.md section 5, assertions 1 to 6 and 9).

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

const GateResult& gate_of(const World& w, const std::string& id) {
  for (const GateResult& gate : w.switchover->gates()) {
    if (gate.id == id) return gate;
  }
  throw std::runtime_error("no gate " + id);
}

TEST(Faults, ADeadNodeBeforeTheFirstWriteRefusesTheSwitch) {
  World w;
  w.to_ready();
  const Operation op = w.order_switch();
  w.relay.at("node-2").silent = true;
  w.ticks(2);
  EXPECT_EQ(w.state(), State::propagating);
  EXPECT_EQ(w.operation(op.id).exit_code, 3);
  EXPECT_NE(w.operation(op.id).detail["text"].get<std::string>().find("node-2"), std::string::npos);
  EXPECT_EQ(w.relay.route_writes, 0);
}

TEST(Faults, ADryRunThatIsRefusedWritesNothing) {
  World w;
  w.to_ready();
  w.relay.at("node-2").refuses_writes = true;
  const Operation op = w.order_switch();
  w.ticks(2);
  EXPECT_EQ(w.operation(op.id).status, "refused");
  EXPECT_EQ(w.relay.route_writes, 0);
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
}

// Dies between the writes of the two nodes: told as in flight, tried again, never called done.
void die_after_first_write(World& w) {
  w.to_ready();
  w.relay.at("node-1").late = 1;
  w.order_switch();
  w.clock.advance(seconds(1));
  w.tick();  // armed -> switching, split at node-1, durable but late
  ASSERT_EQ(w.state(), State::switching);
  ASSERT_EQ(w.relay.route_writes, 1);
  w.relay.at("node-2").silent = true;
  w.relay.settle();
}

TEST(Faults, ADeadNodeAfterTheFirstWriteIsInFlightUntilItFollows) {
  World w;
  die_after_first_write(w);
  const std::string op = w.switchover->machine().writing->op_id;
  w.ticks(8);
  EXPECT_EQ(w.state(), State::switching);
  EXPECT_EQ(w.operation(op).exit_code, 4);
  EXPECT_EQ(w.operation(op).status, "unknown");
  EXPECT_EQ(w.shot()->operation, "switching 0/2");
  w.relay.at("node-2").silent = false;
  w.clock.advance(seconds(60));
  w.ticks(3);
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.operation(op).status, "done");
}

TEST(Faults, ARollbackDoesNotWaitForTheDeadNode) {
  World w;
  die_after_first_write(w);
  EXPECT_EQ(w.command("rollback", {{"reason", "enough"}}).status, "accepted");
  w.ticks(4);
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
  EXPECT_EQ(w.state(), State::rolling_back) << "node-2 is not heard of";
  w.relay.at("node-2").silent = false;
  w.clock.advance(seconds(60));
  w.ticks(2);
  EXPECT_NE(w.state(), State::rolling_back);
  EXPECT_EQ(w.mode("node-2"), Mode::forward);
}

TEST(Faults, LostAnswersAreReadNotRepeated) {
  World w;
  w.to_ready();
  w.relay.at("node-1").lose_answers = 2;
  w.relay.at("node-2").lose_answers = 2;
  w.order_switch();
  for (int i = 0; i < 12; ++i) {
    w.clock.advance(seconds(60));
    w.acknowledge();
    w.gather();
    w.tick();
  }
  EXPECT_EQ(w.state(), State::hosted) << w.shot()->waiting_for;
  EXPECT_EQ(w.relay.route_writes, 4);
}

TEST(Faults, AForeignWriterBlocksAndIsNeverOverwrittenByItself) {
  World w;
  w.to_hosted();
  w.relay.foreign_write("node-1", Mode::forward);
  w.gather();
  ASSERT_EQ(w.state(), State::blocked);
  w.ticks(5);
  EXPECT_EQ(w.relay.route_writes, 4);
  EXPECT_NE(w.shot()->waiting_for.find("mxswitch resolve shop.example adopt|restore"),
            std::string::npos);
  const Operation adopted = w.command("resolve", {{"how", "adopt"}, {"reason", "fine"}});
  EXPECT_EQ(adopted.exit_code, 3);
  EXPECT_FALSE(adopted.detail.contains("blocked_by")) << "gates do not matter here";
  EXPECT_EQ(w.command("switch", {{"reason", "x"}, {"plan", w.digest()}}).exit_code, 5);
  EXPECT_EQ(w.command("resolve", {{"how", "restore"}, {"reason", "put back"}}).status, "accepted");
  w.ticks(3);
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.mode("node-1"), Mode::hosted);
}

TEST(Faults, AForeignWriterDuringTheSwitchBlocks) {
  World w;
  die_after_first_write(w);
  w.relay.at("node-2").silent = false;
  w.relay.foreign_write("node-2", Mode::hold);
  w.clock.advance(seconds(60));
  w.tick();
  EXPECT_EQ(w.state(), State::blocked);
  EXPECT_EQ(w.mode("node-2"), Mode::hold);
  w.ticks(3);
  EXPECT_EQ(w.mode("node-2"), Mode::hold) << "never overwritten by itself";
  EXPECT_EQ(w.command("rollback", {{"reason", "back"}}).status, "accepted");
  w.ticks(2);
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
  EXPECT_EQ(w.mode("node-2"), Mode::forward);
}

TEST(Faults, AGenerationThatGoesBackIsALie) {
  World w;
  w.to_hosted();
  w.gather();
  w.relay.at("node-1").domain.generation = 1;
  w.gather();
  EXPECT_EQ(w.state(), State::blocked);
  EXPECT_NE(w.shot()->waiting_for.find("went back"), std::string::npos);
}

TEST(Faults, ANextHopThatBecameTheRelayBlocks) {
  World w;
  w.to_ready();
  w.run(w.switchover->refresh_next_hops());
  EXPECT_EQ(w.state(), State::ready);
  w.outside.hosts["198.51.100.9"] = {"192.0.2.2"};
  w.run(w.switchover->refresh_next_hops());
  ASSERT_EQ(w.state(), State::blocked);
  w.tick();
  EXPECT_NE(w.shot()->waiting_for.find("(192.0.2.2) is a node of the relay"), std::string::npos)
      << w.shot()->waiting_for;
  EXPECT_EQ(w.relay.route_writes, 0);
}

TEST(Faults, ANextHopThatIsNotInUseClosesTheRelayGateOnly) {
  World w;
  w.to_hosted();
  w.outside.hosts["198.51.100.9"] = {"192.0.2.2"};
  w.run(w.switchover->refresh_next_hops());
  w.tick();
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_FALSE(gate_of(w, "relay").open());
}

struct ContactCase {
  const char* name;
  std::function<void(FakeOutside&)> change;
  GateVerdict verdict;
  const char* why;
};

TEST(Faults, AContactMustNotDependOnWhatIsMoved) {
  const std::vector<ContactCase> cases = {
      {"elsewhere", [](FakeOutside&) {}, GateVerdict::pass, "acknowledged"},
      {"in the domain", [](FakeOutside& o) { o.contact_host = "mail.shop.example"; },
       GateVerdict::fail, "mail.shop.example lies in shop.example"},
      {"an exchange", [](FakeOutside& o) { o.contact_host = "MX1.filter.example"; },
       GateVerdict::fail, "is an exchange of the relay"},
      {"the relay by another name",
       [](FakeOutside& o) { o.hosts["mail.outside.example"] = {"192.0.2.2"}; }, GateVerdict::fail,
       "mail.outside.example (192.0.2.2) is the relay"},
      {"no answer for MX", [](FakeOutside& o) { o.unanswered = "outside.example"; },
       GateVerdict::unknown, "no authority answered"},
      {"no answer for the host", [](FakeOutside& o) { o.unanswered = "mail.outside.example"; },
       GateVerdict::unknown, "no authority answered"},
  };
  for (const ContactCase& c : cases) {
    SCOPED_TRACE(c.name);
    World w;
    c.change(w.outside);
    w.to_ready();
    const GateResult& contact = gate_of(w, "contact");
    EXPECT_EQ(contact.verdict, c.verdict) << contact.why;
    EXPECT_NE(contact.why.find(c.why), std::string::npos) << contact.why;
  }
}

TEST(Faults, AnExchangeThatIsAnAliasClosesTheRelayGate) {
  World w;
  w.outside.aliases["mx2.filter.example"] = "relay.filter.example";
  w.to_ready();
  EXPECT_NE(w.state(), State::ready);
  const GateResult& relay = gate_of(w, "relay");
  EXPECT_EQ(relay.verdict, GateVerdict::fail);
  EXPECT_NE(relay.why.find("mx2.filter.example is a CNAME to relay.filter.example"),
            std::string::npos)
      << relay.why;
}

TEST(Faults, AnUnreadableRelayHealsByItself) {
  World w;
  w.to_hosted();
  w.relay.at("node-1").silent = true;
  w.gather();
  w.tick();
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.shot()->relay.observed, "unknown");
  w.relay.at("node-1").silent = false;
  w.gather();
  EXPECT_EQ(w.shot()->relay.observed, "hosted");
  EXPECT_EQ(w.state(), State::hosted);
}

TEST(Faults, WithoutTheProbeInTheMailboxItIsNotHosted) {
  World w;
  w.outside.mailbox = false;
  w.to_hosted();
  EXPECT_EQ(w.state(), State::verifying);
  const std::string op = w.switchover->machine().writing->op_id;
  w.clock.advance(seconds(40));
  w.tick();
  EXPECT_EQ(w.operation(op).exit_code, 4);
  w.outside.mailbox = true;
  w.clock.advance(seconds(40));
  w.ticks(2);
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.operation(op).exit_code, 0);
}

TEST(Faults, AFrozenDomainStaysFrozenAfterARestart) {
  World w;
  w.to_ready();
  EXPECT_EQ(w.command("freeze", {{"reason", "holiday"}}).status, "done");
  w.restart();
  EXPECT_TRUE(w.shot()->frozen);
  EXPECT_EQ(w.order_switch().status, "refused");
  w.command("unfreeze", {{"reason", "back"}});
}

TEST(Faults, ASecondDaemonOnTheStoreIsFencedOff) {
  World w;
  w.to_ready();
  auto second = std::make_shared<Switchover>(w.parts(), "shop.example");
  ASSERT_TRUE(w.run(second->load()));
  w.command("freeze", {{"reason", "first"}});
  Command c;
  c.domain = "shop.example";
  c.verb = "abort";
  c.arguments = {{"reason", "second"}};
  const auto result = w.run(second->execute(c));
  const bool refused = !result || result->status == "refused";
  EXPECT_TRUE(refused);
  EXPECT_EQ(second->machine().state, State::ready);
}

TEST(Faults, AStartLosesNeitherReadyNorAnArmedSwitch) {
  World w;
  w.to_ready();
  w.restart();
  w.ticks(2);
  EXPECT_EQ(w.state(), State::ready) << "nothing was looked at yet, so nothing is lost";
  w.order_switch();
  w.restart();
  w.ticks(2);
  EXPECT_EQ(w.state(), State::armed);
  EXPECT_EQ(w.relay.route_writes, 0);
  w.gather();
  w.ticks(4);
  EXPECT_EQ(w.state(), State::hosted) << w.shot()->waiting_for;
}

struct Kill {
  int call;
  bool after_effect;
};

class KillPoints : public testing::TestWithParam<Kill> {};

void run_until_killed(World& w) {
  try {
    w.ticks(4);
  } catch (const fakes::Killed&) {
  }
}

// SIGKILL at any call to the relay: the next process reads, goes on, and writes nothing twice.
TEST_P(KillPoints, ASwitchEndsWhereItShould) {
  World w;
  w.to_ready();
  const Operation op = w.order_switch();
  w.relay.kill_after_effect = GetParam().after_effect;
  w.relay.kill_at_call = GetParam().call;
  run_until_killed(w);
  w.relay.kill_at_call = -1;
  w.restart();
  w.gather();
  for (int i = 0; i < 6; ++i) {
    w.ticks(1);
    w.gather();
  }
  ASSERT_EQ(w.state(), State::hosted) << w.shot()->waiting_for;
  EXPECT_EQ(w.operation(op.id).status, "done");
  EXPECT_EQ(w.relay.route_writes, 4);
  EXPECT_EQ(w.mode("node-1"), Mode::hosted);
  EXPECT_EQ(w.mode("node-2"), Mode::hosted);
}

// The same for the way back, begun in the middle of a switch.
TEST_P(KillPoints, ARollbackEndsWhereItShould) {
  World w;
  w.to_hosted();
  w.command("rollback", {{"reason", "trouble"}});
  w.relay.kill_after_effect = GetParam().after_effect;
  w.relay.kill_at_call = GetParam().call;
  run_until_killed(w);
  w.relay.kill_at_call = -1;
  w.restart();
  w.ticks(2);
  w.gather();
  EXPECT_NE(w.state(), State::rolling_back);
  EXPECT_NE(w.state(), State::blocked) << w.shot()->waiting_for;
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
  EXPECT_EQ(w.mode("node-2"), Mode::forward);
}

std::vector<Kill> kills() {
  std::vector<Kill> list;
  for (int call = 0; call < 26; ++call) {
    list.push_back({call, false});
    list.push_back({call, true});
  }
  return list;
}

INSTANTIATE_TEST_SUITE_P(EveryCall, KillPoints, testing::ValuesIn(kills()));

}  // namespace
}  // namespace mxswitch::orchestrator
