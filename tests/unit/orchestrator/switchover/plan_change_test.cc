// A plan that is corrected: its next hops reach the relay, and old facts are no evidence for it.

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

std::string plan_with(const std::string& from, const std::string& to) {
  std::string text = kPlan;
  return text.replace(text.find(from), from.size(), to);
}
std::string other_forward() { return plan_with("198.51.100.9", "198.51.100.10"); }

const GateResult& gate_of(World& w, const std::string& id) {
  w.tick();
  for (const GateResult& gate : w.switchover->gates()) {
    if (gate.id == id) return gate;
  }
  throw std::runtime_error("no gate " + id);
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(PlanChange, WritesTheNextHopsToEveryNodeAndTheHistory) {
  World w;
  w.to_ready();
  w.command("plan", {{"plan", other_forward()}});
  w.gather();
  w.gather();
  EXPECT_EQ(w.relay.at("node-1").domain.forward, "smtp:[198.51.100.10]:25");
  EXPECT_EQ(w.relay.at("node-2").domain.forward, "smtp:[198.51.100.10]:25");
  EXPECT_EQ(gate_of(w, "relay").verdict, GateVerdict::pass) << gate_of(w, "relay").why;
  EXPECT_NE(w.state(), State::blocked) << "our own write is no foreign one";
  EXPECT_EQ(w.count("SELECT count(*) FROM audit WHERE what LIKE 'next hops of %'"), 2);
}

TEST(PlanChange, FailsTheGateNamingBothWhereTheNodeRefuses) {
  World w;
  w.to_ready();
  w.relay.at("node-2").refuses_hops = true;
  w.command("plan", {{"plan", other_forward()}});
  for (int i = 0; i < 5; ++i) w.gather();
  const GateResult gate = gate_of(w, "relay");
  EXPECT_EQ(gate.verdict, GateVerdict::fail);
  EXPECT_TRUE(has(gate.why,
                  "node-2 has forward = smtp:[198.51.100.9]:25, the plan "
                  "smtp:[198.51.100.10]:25"))
      << gate.why;
  EXPECT_TRUE(has(gate.why, "a node of the relay")) << gate.why;
  EXPECT_EQ(w.count("SELECT count(*) FROM audit WHERE what LIKE 'next hops of node-2%'"), 1)
      << "once, however often it is tried";
}

TEST(PlanChange, LeavesTheRouteInUseAloneOnceItIsSwitched) {
  World w;
  w.to_hosted();
  ASSERT_EQ(w.state(), State::hosted);
  w.relay.at("node-1").domain.forward = "smtp:[198.51.100.66]:25";
  w.gather();
  EXPECT_EQ(w.relay.hop_writes, 0);
  EXPECT_TRUE(has(gate_of(w, "relay").why, "198.51.100.66"));
}

TEST(PlanChange, ForgetsWhatWasAskedForTheOldPlan) {
  World w;
  w.to_ready();
  ASSERT_EQ(gate_of(w, "old-server").verdict, GateVerdict::pass);
  w.command("plan", {{"plan", other_forward()}});
  EXPECT_EQ(gate_of(w, "old-server").verdict, GateVerdict::unknown);
}

TEST(PlanChange, NeverPassesRelayForDomainsThatAreOnlyWatched) {
  World w;
  const std::string plan =
      plan_with("domain = \"shop.example\"",
                "domain = \"shop.example\"\nalias_domains = [\"shop2.example\"]");
  w.command("plan", {{"plan", plan}});
  w.gather();
  const GateResult unknown = gate_of(w, "relay");
  EXPECT_EQ(unknown.verdict, GateVerdict::fail);
  EXPECT_TRUE(has(unknown.why, "shop2.example not known at node-1, node-2")) << unknown.why;
  w.relay.other_domains = {"shop2.example"};
  w.gather();
  const GateResult known = gate_of(w, "relay");
  EXPECT_EQ(known.verdict, GateVerdict::unknown);
  EXPECT_TRUE(has(known.why, "shop2.example would not be switched")) << known.why;
}

TEST(PlanChange, TellsABadDigestInEveryState) {
  World w;
  w.command("plan", {{"plan", kPlan}});
  const Operation cut = w.command("switch", {{"reason", "x"}, {"plan", w.digest().substr(0, 4)}});
  EXPECT_EQ(cut.exit_code, 2);
  EXPECT_TRUE(has(cut.detail["why"], "8 characters are needed")) << cut.detail;
  const Operation wrong = w.command("switch", {{"reason", "x"}, {"plan", "0123456789"}});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_TRUE(has(wrong.detail["why"], "the plan's digest is")) << wrong.detail;
}

// With intervals of minutes, only a wake-up makes the loops go again.
TEST(PlanChange, WakesTheLoopsThatGatherFacts) {
  World w;
  w.to_ready();
  w.switchover->start();
  w.io.restart();
  while (w.io.run_for(std::chrono::milliseconds(50)) > 0 && w.outside.addresses_asked == 0) {
  }
  const auto submit = [&](std::string text) {
    Command c;
    c.domain = "shop.example";
    c.verb = "plan";
    c.arguments = {{"plan", text}};
    c.author = "jo";
    return asio::co_spawn(w.io, w.switchover->execute(c), asio::use_future);
  };
  w.io.run_for(std::chrono::milliseconds(50));
  const int asked = w.outside.addresses_asked;
  auto done = submit(other_forward());
  w.io.restart();
  w.io.run_for(std::chrono::milliseconds(100));
  ASSERT_EQ(done.get()->status, "done");
  EXPECT_GT(w.outside.addresses_asked, asked);
  w.switchover->stop();
  w.io.restart();
  w.io.run();
}

}  // namespace
}  // namespace mxswitch::orchestrator
