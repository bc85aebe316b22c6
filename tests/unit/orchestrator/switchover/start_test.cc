// What a start may believe of its journal, and for how long.

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

// As the timers do: the look-ups go on while nothing new is learnt.
void gather_for(World& w, Duration length) {
  const Time end = w.clock.now() + length;
  while (w.clock.now() < end) {
    w.clock.advance(seconds(5));
    w.gather();
    w.tick();
  }
}

TEST(Start, AnOldServerThatDiedMeanwhileRefusesAnArmedSwitchAfterAMinute) {
  World w;
  w.to_ready();
  const Operation op = w.order_switch();
  ASSERT_EQ(w.state(), State::armed);
  w.relay.forward_result = ProbeResult::waiting;
  w.restart();
  gather_for(w, seconds(50));
  EXPECT_EQ(w.state(), State::armed) << "its answer may still come";
  gather_for(w, seconds(20));
  EXPECT_EQ(w.state(), State::propagating);
  EXPECT_EQ(w.operation(op.id).exit_code, 3);
  EXPECT_EQ(w.relay.route_writes, 0);
}

TEST(Start, AnOldServerThatDiedMeanwhileEndsReadyAfterAMinute) {
  World w;
  w.to_ready();
  w.relay.forward_result = ProbeResult::waiting;
  w.restart();
  gather_for(w, seconds(70));
  EXPECT_EQ(w.state(), State::propagating);
}

TEST(Start, WhatIsNeverLookedAtEndsReadyAfterAMinute) {
  World w;
  w.to_ready();
  w.restart();
  w.ticks(10);
  EXPECT_EQ(w.state(), State::ready);
  w.ticks(4);
  EXPECT_EQ(w.state(), State::propagating);
}

}  // namespace
}  // namespace mxswitch::orchestrator
