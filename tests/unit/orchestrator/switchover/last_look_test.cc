// Before a write the authorities are asked once more; after the switch resolvers are sentinels.
#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

const GateResult& gate(World& world, const std::string& id) {
  for (const GateResult& one : world.switchover->gates())
    if (one.id == id) return one;
  throw std::runtime_error(id);
}

TEST(LastLook, ComesBeforeTheWrite) {
  World world;
  world.to_ready();
  ASSERT_EQ(world.state(), State::ready);
  EXPECT_EQ(world.reports.looks, 0);
  world.order_switch();
  world.ticks(1);
  EXPECT_EQ(world.reports.looks, 1);
  world.ticks(3);
  EXPECT_EQ(world.state(), State::hosted);
  EXPECT_EQ(world.reports.looks, 1);
}

TEST(LastLook, ASilentAuthorityKeepsTheRelayAsItIs) {
  World world;
  world.to_ready();
  world.reports.silent = {"ns2.shop.example (198.51.100.2)"};
  const Operation ordered = world.order_switch();
  world.ticks(1);
  EXPECT_EQ(world.state(), State::propagating);
  EXPECT_EQ(gate(world, "authority").verdict, GateVerdict::unknown);
  EXPECT_NE(gate(world, "authority").why.find("ns2.shop.example (198.51.100.2) did not answer"),
            std::string::npos);
  EXPECT_EQ(world.operation(ordered.id).exit_code, 3);
  EXPECT_TRUE(world.relay.log.empty());

  world.reports.silent.clear();  // it is heard again
  world.ticks(1);
  world.order_switch();
  world.ticks(3);
  EXPECT_EQ(world.state(), State::hosted);
}

TEST(Sentinel, BeginsWithTheSwitchAndEndsWithARollback) {
  World world;
  world.to_ready();
  EXPECT_EQ(world.reports.validity, std::chrono::minutes(15));
  world.order_switch();
  world.ticks(4);
  ASSERT_EQ(world.state(), State::hosted);
  EXPECT_EQ(world.reports.validity, std::chrono::minutes(90));
  world.restart();
  EXPECT_EQ(world.reports.validity, std::chrono::minutes(90));
  world.command("rollback", {{"reason", "sales is missing"}});
  world.ticks(3);
  ASSERT_NE(world.state(), State::hosted);
  EXPECT_EQ(world.reports.validity, std::chrono::minutes(15));
}

}  // namespace
}  // namespace mxswitch::orchestrator
