#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

std::string closed(World& w) {
  std::string text;
  for (const GateResult& g : w.switchover->gates()) {
    if (!g.open()) text += g.id + " " + std::string(to_text(g.verdict)) + ": " + g.why + "\n";
  }
  return text;
}

TEST(Story, FromThePlanToHostedAndBack) {
  World w;
  const Operation plan = w.command("plan", {{"plan", kPlan}, {"name", "shop.toml"}});
  EXPECT_EQ(plan.status, "done");
  EXPECT_EQ(w.state(), State::draft);
  w.reports.changed = false;
  w.reports.ready = false;
  w.acknowledge();
  w.gather();
  EXPECT_EQ(w.state(), State::forwarding);
  w.tick();
  EXPECT_EQ(w.state(), State::forwarding);
  w.reports.changed = true;
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
  EXPECT_NE(w.shot()->waiting_for.find("propagation: isp-a is old"), std::string::npos)
      << w.shot()->waiting_for;

  const Operation early = w.order_switch();
  EXPECT_EQ(early.status, "refused");
  EXPECT_EQ(early.exit_code, 3);
  ASSERT_EQ(early.detail["blocked_by"].size(), 1u) << early.detail.dump();
  EXPECT_EQ(early.detail["blocked_by"][0]["gate"], "propagation");

  w.reports.ready = true;
  w.tick();
  ASSERT_EQ(w.state(), State::ready) << closed(w);

  const Operation ordered = w.order_switch();
  EXPECT_EQ(ordered.status, "accepted");
  EXPECT_EQ(w.state(), State::armed);
  w.ticks(3);
  ASSERT_EQ(w.state(), State::hosted) << closed(w) << w.shot()->waiting_for;
  EXPECT_EQ(w.operation(ordered.id).status, "done");
  EXPECT_EQ(w.operation(ordered.id).exit_code, 0);
  const std::vector<std::string> writes = {
      "node-1 split " + ordered.id, "node-2 split " + ordered.id, "node-1 hosted " + ordered.id,
      "node-2 hosted " + ordered.id};
  EXPECT_EQ(w.relay.log, writes);

  const Operation back = w.command("rollback", {{"reason", "sales is missing"}});
  EXPECT_EQ(back.status, "accepted");
  w.tick();
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
  EXPECT_EQ(w.mode("node-2"), Mode::forward);
  EXPECT_EQ(w.operation(back.id).status, "done");
  w.gather();
  const int told = w.alerts_queued;
  w.ticks(3);
  EXPECT_EQ(w.state(), State::propagating) << "no READY while it is frozen";
  EXPECT_EQ(w.shot()->freeze->reason, "sales is missing");
  EXPECT_EQ(w.order_switch().exit_code, 3);
  EXPECT_NE(w.shot()->waiting_for.find("frozen since the rollback of"), std::string::npos);
  EXPECT_NE(w.shot()->waiting_for.find("mxswitch unfreeze shop.example --reason"),
            std::string::npos);
  w.restart();
  w.gather();
  w.ticks(3);
  EXPECT_EQ(w.state(), State::propagating) << "nor after a restart";
  EXPECT_EQ(w.alerts_queued, told);
  EXPECT_EQ(w.command("unfreeze", {{"reason", "found it"}}).status, "done");
  w.ticks(3);
  EXPECT_EQ(w.state(), State::ready) << closed(w);
  w.order_switch();
  w.ticks(3);
  EXPECT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.command("finalize", {{"reason", "a week"}}).status, "done");
  EXPECT_EQ(w.shot()->state, State::final_);
}

TEST(Story, TheSnapshotSaysAll) {
  World w;
  w.to_hosted();
  const SnapshotPtr shot = w.shot();
  ASSERT_TRUE(shot);
  EXPECT_EQ(shot->relay.desired, "hosted");
  EXPECT_EQ(shot->relay.nodes.size(), 2u);
  EXPECT_EQ(shot->plan_digest.size(), 64u);
  EXPECT_FALSE(shot->waiting_for.empty());
  ASSERT_GE(shot->history.size(), 6u);
  EXPECT_EQ(shot->history.back().what, "verifying -> hosted");
  EXPECT_EQ(shot->contact.at(0).address, "o***@outside.example");
  EXPECT_EQ(closed(w), "") << "nobody is asked for what is done";
}

TEST(Story, TheSameKeyHasNoSecondEffect) {
  World w;
  w.to_ready();
  const Operation first = w.order_switch("key-1");
  const Operation again = w.order_switch("key-1");
  EXPECT_EQ(first.id, again.id);
  w.ticks(3);
  ASSERT_EQ(w.state(), State::hosted);
  EXPECT_EQ(w.order_switch("key-1").status, "done");
  EXPECT_EQ(w.relay.route_writes, 4);
  Command other;
  other.domain = "shop.example";
  other.verb = "abort";
  other.arguments = {{"reason", "x"}};
  other.idempotency_key = "key-1";
  const auto clash = w.run(w.switchover->execute(other));
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().fault, Fault::conflict);
}

TEST(Story, ADryRunChangesNothing) {
  World w;
  w.to_ready();
  const Operation op =
      w.command("switch", {{"reason", "x"}, {"plan", w.digest()}, {"dry_run", true}});
  EXPECT_EQ(op.status, "done");
  EXPECT_EQ(op.detail["would_write"].size(), 4u);
  EXPECT_EQ(w.relay.route_writes, 0);
  EXPECT_EQ(w.state(), State::ready);
}

TEST(Story, AnotherDigestIsRefusedAndAPrefixIsEnough) {
  World w;
  w.to_ready();
  const auto with = [&](const std::string& digest) {
    return w.command("switch", {{"reason", "x"}, {"plan", digest}});
  };
  EXPECT_EQ(with("0123456789").exit_code, 3);
  EXPECT_EQ(with(w.digest().substr(0, 7)).exit_code, 2);
  EXPECT_EQ(w.command("switch", {{"reason", "x"}}).exit_code, 2);
  EXPECT_EQ(with(w.digest().substr(0, 8)).status, "accepted");
}

TEST(Story, AnOverrideOpensOneGateAndIsShown) {
  World w;
  w.reports.ready = false;
  w.to_ready();
  ASSERT_EQ(w.state(), State::propagating);
  EXPECT_EQ(w.command("override", {{"gate", "relay"}, {"reason", "x"}}).status, "refused");
  EXPECT_EQ(w.command("override", {{"gate", "no-gate"}, {"reason", "x"}}).exit_code, 2);
  const Operation op =
      w.command("override", {{"gate", "propagation"}, {"reason", "seen"}, {"expires", "60s"}});
  EXPECT_EQ(op.status, "done");
  w.tick();
  EXPECT_EQ(w.state(), State::ready);
  EXPECT_EQ(w.shot()->overrides.size(), 1u);
  w.clock.advance(seconds(61));
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
}

TEST(Story, AbortAndANewPlanMakeANewGeneration) {
  World w;
  w.to_ready();
  const std::string before = w.digest();
  EXPECT_EQ(w.command("plan", {{"plan", kPlan}}).exit_code, 6);
  EXPECT_EQ(w.command("abort", {{"reason", "not today"}}).status, "done");
  EXPECT_EQ(w.command("plan", {{"plan", kPlan}}).status, "done");
  EXPECT_EQ(w.switchover->machine().generation, 2);
  EXPECT_NE(w.digest(), before);
}

TEST(Story, ABadPlanChangesNothing) {
  World w;
  const Operation bad = w.command("plan", {{"plan", "domain = \"shop.example\"\npolcy = 1\n"}});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.detail["why"].get<std::string>().find("plan:2"), std::string::npos) << bad.detail;
  EXPECT_EQ(w.command("switch", {{"reason", "x"}}).exit_code, 2);
  EXPECT_EQ(w.count("SELECT count(*) FROM switchover"), 0);
}

TEST(Story, ARosterIsLoadedAtEveryNodeAndMissedWhenItIsGone) {
  World w;
  w.to_ready();
  RosterWrite write;
  write.accounts = {{"joe", "{ARGON2ID}$argon2id$v=19$m=1,t=1,p=1$YWJj$YWJj", true, false, {}}};
  write.aliases = {{"info", {"joe"}}};
  const Operation op = w.command("roster", {{"roster", to_json(write)}, {"remove_missing", true}});
  ASSERT_EQ(op.status, "done") << op.detail;
  EXPECT_EQ(w.relay.at("node-2").roster.accounts.size(), 1u);
  w.ticks(2);
  EXPECT_EQ(w.state(), State::ready) << closed(w);
  for (const char* node : {"node-1", "node-2"}) w.relay.at(node).roster.accounts.clear();
  w.gather();
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
  EXPECT_EQ(w.shot()->roster.missing_accounts, std::vector<std::string>{"joe"});
  write.aliases = {{"info", {"nobody"}}};
  EXPECT_EQ(w.command("roster", {{"roster", to_json(write)}}).exit_code, 2);
}

TEST(Story, AnUncoveredRecipientClosesAccounts) {
  World w;
  w.to_ready();
  FlowRecipient ann;
  ann.address = "ann@shop.example";
  ann.count = ann.old_accepted = 1;
  w.relay.at("node-1").flow.recipients = {ann};
  w.gather();
  w.tick();
  EXPECT_EQ(w.state(), State::propagating);
  EXPECT_EQ(w.shot()->blocked_by.front(), "accounts");
}

TEST(Story, UnknownNamesAreDeferredForTheGraceAndThenRefused) {
  World w;
  std::string plan = kPlan;
  plan.replace(plan.find("\"0s\""), 4, "\"1h\"");
  w.command("plan", {{"plan", plan}});
  w.acknowledge();
  w.gather();
  w.ticks(3);
  w.order_switch();
  w.ticks(3);
  ASSERT_EQ(w.state(), State::hosted) << closed(w);
  EXPECT_EQ(w.relay.at("node-1").domain.unknown, UnknownNames::defer);
  w.gather();
  w.clock.advance(std::chrono::minutes(61));
  w.gather();
  w.tick();
  for (const char* node : {"node-1", "node-2"}) {
    EXPECT_EQ(w.relay.at(node).domain.unknown, UnknownNames::reject);
    EXPECT_EQ(w.mode(node), Mode::hosted);
  }
  w.gather();
  EXPECT_EQ(w.state(), State::hosted) << w.shot()->waiting_for;
}

TEST(Story, RealMailHasToBeDeliveredToo) {
  World w;
  for (const char* node : {"node-1", "node-2"}) w.relay.at(node).flow.accepted = 3;
  w.to_hosted();
  EXPECT_EQ(w.state(), State::verifying);
  w.relay.at("node-1").flow.hosted = 1;
  w.ticks(1);
  EXPECT_EQ(w.state(), State::hosted);
}

}  // namespace
}  // namespace mxswitch::orchestrator
