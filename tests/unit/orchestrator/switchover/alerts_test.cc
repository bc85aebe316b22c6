// What people get of a whole switchover: each thing once, in words of their own, and no machine's
// states. Read from the outbox, as the sender reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/switchover/noticing.h"
#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Those that may leave by now and did not yet; taking them delivers them.
std::vector<monitor::Alert> sent(World& w) {
  std::vector<monitor::Alert> alerts;
  const Time now = w.clock.now();
  const auto work = [&alerts, now](monitor::Transaction& tx) {
    for (const monitor::OutboxRow& row : monitor::due_alerts(tx, now, 100)) {
      alerts.push_back(row.alert);
      monitor::mark_delivered(tx, row.id, now);
    }
  };
  if (!w.database->transact_blocking(work)) throw std::runtime_error("outbox");
  return alerts;
}
std::vector<std::string> kinds(World& w) {
  std::vector<std::string> kinds;
  for (const monitor::Alert& alert : sent(w)) kinds.push_back(alert.kind);
  return kinds;
}

TEST(Alerts, AQuietMoveTellsMxReadyAndDone) {
  World w;
  w.to_ready();
  EXPECT_THAT(kinds(w), ElementsAre("mx-changed", "ready"));
  w.order_switch();
  w.ticks(4);
  ASSERT_EQ(w.state(), State::hosted);
  EXPECT_THAT(kinds(w), ElementsAre("switch-done"));
  w.clock.advance(seconds(120));
  EXPECT_THAT(kinds(w), IsEmpty()) << "its begin was withdrawn";
}

TEST(Alerts, ASwitchOfMoreThanAMinuteIsToldTwice) {
  World w;
  w.to_ready();
  w.outside.mailbox = false;
  w.order_switch();
  w.tick();
  ASSERT_EQ(w.state(), State::verifying);
  (void)sent(w);
  w.clock.advance(seconds(61));
  EXPECT_THAT(kinds(w), ElementsAre("switch-begun"));
  w.outside.mailbox = true;
  w.ticks(3);
  EXPECT_THAT(kinds(w), ElementsAre("switch-done"));
}

TEST(Alerts, TheRuleHoldsOverACrash) {
  World w;
  w.to_ready();
  w.outside.mailbox = false;
  w.order_switch();
  w.tick();
  (void)sent(w);
  w.restart();
  w.outside.mailbox = true;
  w.gather();
  w.ticks(3);
  ASSERT_EQ(w.state(), State::hosted);
  w.clock.advance(seconds(120));
  EXPECT_THAT(kinds(w), ElementsAre("switch-done")) << "withdrawn by another process";
}

TEST(Alerts, ARollbackIsOneMessageThatSaysItFroze) {
  World w;
  w.to_hosted();
  (void)sent(w);
  w.command("rollback", {{"reason", "mail for sales was missing"}});
  w.ticks(2);
  w.gather();
  w.ticks(2);
  w.clock.advance(seconds(120));
  const auto alerts = sent(w);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].kind, "rollback-done");
  EXPECT_THAT(alerts[0].line, HasSubstr("frozen since the rollback of"));
  EXPECT_THAT(alerts[0].line, HasSubstr("mail for sales was missing"));
}

TEST(Alerts, ARefusedSwitchIsOneMessage) {
  World w;
  w.to_ready();
  (void)sent(w);
  w.order_switch();
  w.relay.at("node-2").silent = true;
  w.ticks(2);
  w.clock.advance(seconds(120));
  EXPECT_THAT(kinds(w), testing::Contains("switch-failed"));
}

TEST(Alerts, ADeadNodeSaysWhatHappensToItsMail) {
  World w;
  w.to_ready();
  (void)sent(w);
  w.relay.at("node-2").silent = true;
  w.gather();
  w.gather();
  const auto alerts = sent(w);
  ASSERT_EQ(alerts.size(), 1u) << "once";
  EXPECT_EQ(
      alerts[0].line,
      "shop.example: relay node-2 does not answer; Postfix there defers mail (451) meanwhile");
}

TEST(Alerts, TheyLeadToThePageOfTheDomain) {
  World w;
  auto parts = w.parts();
  parts.public_url = "https://mxswitch.example:8080";
  w.switchover = std::make_shared<Switchover>(parts, "shop.example");
  ASSERT_TRUE(w.run(w.switchover->load()));
  w.to_ready();
  const auto alerts = sent(w);
  ASSERT_FALSE(alerts.empty());
  for (const monitor::Alert& alert : alerts) {
    EXPECT_THAT(alert.body, HasSubstr("\nLook: https://mxswitch.example:8080/d/shop.example"));
  }
}

TEST(Alerts, EveryTransitionStandsInTheHistory) {
  World w;
  w.to_hosted();
  EXPECT_EQ(w.count("SELECT count(*) FROM audit WHERE what LIKE '% -> %'"), 7);
}

TEST(Alerts, RecipientsThatNobodyHasAreToldOnceUntilTheyAreThere) {
  World w;
  w.to_ready();
  (void)sent(w);
  FlowRecipient stranger;
  stranger.address = "bob@shop.example";
  stranger.old_accepted = 1;
  w.relay.at("node-1").flow.recipients = {stranger};
  w.gather();
  w.ticks(3);
  std::vector<monitor::Alert> alerts = sent(w);
  std::erase_if(alerts, [](const auto& a) { return a.kind != "unknown-recipients"; });
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_THAT(alerts[0].line, HasSubstr("1 recipient that the old server takes is neither"));
  EXPECT_THAT(alerts[0].line, HasSubstr("bob@shop.example"));
  EXPECT_THAT(alerts[0].body, HasSubstr("mxswitch roster load shop.example"));
}

monitor::PropagationReport report_of(monitor::AnswerClass answer) {
  monitor::PropagationReport report;
  report.owner = *probes::DnsName::parse("shop.example");
  report.expected = *monitor::MxSet::parse("10 mx1.filter.example");
  monitor::AuthorityReport authority;
  authority.server = *probes::DnsName::parse("ns1.shop.example");
  authority.reach = monitor::AuthorityReport::Reach::answering;
  authority.last_class = answer;
  authority.set = *monitor::MxSet::parse("10 mx9.filter.example");
  report.authorities = {authority};
  return report;
}

Noticed kind_of(const std::vector<Noticed>& all, const std::string& kind) {
  for (const Noticed& one : all) {
    if (one.kind == kind) return one;
  }
  throw std::runtime_error("no " + kind);
}

TEST(Noticing, AWrongMxIsNamedWithWhoAnswersItAndHow) {
  using monitor::AnswerClass;
  MachineState s;
  s.domain = "shop.example";
  s.state = State::propagating;
  Facts facts;
  for (const auto& [answer, how] : std::vector<std::pair<AnswerClass, std::string>>{
           {AnswerClass::foreign, "neither the old nor the new"},
           {AnswerClass::mixed, "old and new together"},
           {AnswerClass::absent, "no MX at all"},
           {AnswerClass::old, ""},
           {AnswerClass::new_, ""},
           {AnswerClass::failed, ""}}) {
    facts.reports = {std::make_shared<const monitor::PropagationReport>(report_of(answer))};
    const Noticed wrong = kind_of(noticed(s, facts, {}, Time{}), "mx-wrong");
    EXPECT_EQ(wrong.lasts, !how.empty());
    EXPECT_THAT(wrong.line, HasSubstr(how));
  }
  facts.reports = {
      std::make_shared<const monitor::PropagationReport>(report_of(AnswerClass::foreign))};
  s.state = State::hosted;
  EXPECT_FALSE(kind_of(noticed(s, facts, {}, Time{}), "mx-wrong").lasts) << "it is over";
}

TEST(Noticing, ItIsStalledAnHourAfterItsBound) {
  MachineState s;
  s.domain = "shop.example";
  s.state = State::propagating;
  const Time bound = *parse_time("2026-11-22T14:32:10Z");
  Facts facts;
  monitor::PropagationReport report = report_of(monitor::AnswerClass::new_);
  report.strict_until = bound;
  facts.reports = {std::make_shared<const monitor::PropagationReport>(report)};
  GateResult gate;
  gate.id = "propagation";
  gate.verdict = GateVerdict::fail;
  gate.why = "isp-a still answers old";
  const auto at = [&](Duration after) {
    return kind_of(noticed(s, facts, {gate}, bound + after), "stalled");
  };
  EXPECT_FALSE(at(std::chrono::minutes(59)).lasts);
  EXPECT_TRUE(at(std::chrono::minutes(60)).lasts);
  EXPECT_EQ(at(std::chrono::minutes(60)).line,
            "shop.example: not READY although the bound passed 2026-11-22 14:32Z: isp-a still "
            "answers old");
  s.frozen = Freeze{};
  EXPECT_FALSE(at(std::chrono::minutes(60)).lasts) << "a person holds it";
}

}  // namespace
}  // namespace mxswitch::orchestrator
