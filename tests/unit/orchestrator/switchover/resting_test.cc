// Plans at rest: what they cost, and that they notice everything as soon as ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using testing::HasSubstr;

// The customer has not changed the MX yet, and the watch can say whether it saw anything.
class Resting : public testing::Test {
 protected:
  Resting() {
    w.reports.changed = w.reports.ready = false;
    w.reports.told = 1;
    w.to_ready();
    EXPECT_EQ(w.state(), State::forwarding);
    look();
    w.tick();
  }
  // What the timers do between two looks at the relay.
  void look() { w.run(w.switchover->look_at_relay()); }
  void rounds(int n) {
    for (int i = 0; i < n; ++i) {
      w.clock.advance(seconds(5));
      look();
      w.run(w.switchover->read_probes());
      w.run(w.switchover->look_at_contacts());
      w.run(w.switchover->renew_dry_runs());
      w.tick();
    }
  }
  std::uint64_t published() { return w.board.wait_beyond(0, Duration(0)); }
  const GateResult& gate(const std::string& id) {
    shown = w.shot();
    return *std::ranges::find(shown->gates, id, &GateResult::id);
  }

  World w;
  SnapshotPtr shown;
};

TEST_F(Resting, TellsNothingWhileNothingIsSaidAnew) {
  const std::uint64_t before = published();
  const std::uint64_t sequence = w.shot()->sequence;
  rounds(4);
  EXPECT_EQ(published(), before);
  EXPECT_EQ(w.shot()->sequence, sequence);
  EXPECT_LE(w.clock.now() - w.shot()->at, seconds(30)) << "the page still tells a loop that hangs";
  rounds(16);
  EXPECT_LE(published(), before + 2) << "ages are taken along every now and then";
  EXPECT_GT(published(), before);
}

TEST_F(Resting, AsksAboutOneDomainAloneOnlyNowAndThen) {
  const int flows = w.relay.flow_reads, rosters = w.relay.roster_reads, made = w.reports.reports;
  rounds(20);  // 100 s
  EXPECT_EQ(w.relay.roster_reads, rosters);
  EXPECT_EQ(w.relay.flow_reads, flows);
  EXPECT_LE(w.reports.reports, made + 2);
  rounds(42);
  EXPECT_EQ(w.relay.flow_reads, flows + 2);
}

TEST_F(Resting, WhoReadsThePageSeesTheTrafficOfNow) {
  w.relay.at("node-1").flow.accepted = 7;
  rounds(1);
  EXPECT_EQ(w.shot()->relay.nodes.at(0).accepted, 0);
  w.board.note_reader("shop.example", w.clock.now());
  rounds(1);
  EXPECT_EQ(w.shot()->relay.nodes.at(0).accepted, 7);
}

TEST_F(Resting, ADeadNodeIsSeenAtTheNextLook) {
  w.relay.at("node-2").silent = true;
  w.clock.advance(seconds(5));
  look();
  w.clock.advance(seconds(1));
  w.tick();
  EXPECT_EQ(gate("relay").verdict, GateVerdict::fail);
  EXPECT_FALSE(shown->relay.nodes.at(1).reachable);
}

TEST_F(Resting, AForeignWriteBlocksAtTheNextLook) {
  w.relay.foreign_write("node-1", Mode::hosted);
  w.clock.advance(seconds(5));
  look();
  EXPECT_EQ(w.state(), State::blocked);
}

TEST_F(Resting, AnOlderStoreBlocksAtTheNextLook) {
  w.relay.at("node-1").domain.generation = 0;
  w.clock.advance(seconds(5));
  look();
  EXPECT_EQ(w.state(), State::blocked);
}

TEST_F(Resting, AnotherRosterIsReadAtTheNextLook) {
  fakes::FakeNode& node = w.relay.at("node-1");
  node.roster.digest = node.domain.roster_digest = "roster-2";
  rounds(1);
  EXPECT_EQ(gate("accounts").verdict, GateVerdict::fail);
  EXPECT_THAT(gate("accounts").why, HasSubstr("differ"));
}

TEST_F(Resting, ANodeThatComesBackWithAnotherRosterIsRead) {
  w.relay.at("node-2").silent = true;
  rounds(1);
  EXPECT_EQ(gate("accounts").verdict, GateVerdict::unknown);
  w.relay.at("node-2").silent = false;
  rounds(1);
  EXPECT_NE(gate("accounts").verdict, GateVerdict::unknown);
}

TEST_F(Resting, TheFirstNewAnswerIsSeenAtTheNextTick) {
  w.reports.changed = true;
  ++*w.reports.told;
  w.clock.advance(seconds(1));
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
}

TEST_F(Resting, FactsGrowStaleWithoutAnyNews) {
  w.clock.advance(std::chrono::minutes(11));
  w.tick();
  EXPECT_EQ(gate("relay").verdict, GateVerdict::stale);
  const std::uint64_t before = published();
  w.clock.advance(seconds(11));
  w.tick();
  EXPECT_EQ(published(), before) << "that it is staler by now is no news";
}

TEST_F(Resting, ACommandIsJudgedAtOnce) {
  w.command("override", {{"gate", "propagation"}, {"reason", "seen"}});
  w.tick();
  EXPECT_TRUE(gate("propagation").overridden);
}

TEST(NotResting, ReadyIsLostAtTheNextTick) {
  World w;
  w.reports.told = 1;
  w.to_ready();
  ASSERT_EQ(w.state(), State::ready);
  w.reports.ready = false;
  ++*w.reports.told;
  w.clock.advance(seconds(1));
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
}

TEST(NotResting, ReadyIsLostAsSoonAsAFactIsTooOld) {
  World w;
  w.reports.told = 1;
  w.to_ready();
  ASSERT_EQ(w.state(), State::ready);
  w.clock.advance(std::chrono::minutes(9));
  w.tick();
  EXPECT_EQ(w.state(), State::ready);
  w.clock.advance(seconds(61));
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
}

TEST(NotResting, WhoeverWaitsHasTheWholeRelayReadEachTime) {
  World w;
  w.to_ready();
  ASSERT_EQ(w.state(), State::ready);
  const int flows = w.relay.flow_reads;
  w.run(w.switchover->look_at_relay());
  EXPECT_EQ(w.relay.flow_reads, flows + 2);
}

}  // namespace
}  // namespace mxswitch::orchestrator
