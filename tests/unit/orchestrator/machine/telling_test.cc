// What people are told, and what stands in the history alone.

#include "orchestrator/machine/telling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/orchestrator/machine/machine_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<AlertEffect> told(const MachineState& before, const Event& event) {
  const auto result = advance(before, event, noon());
  if (!result) throw std::runtime_error(result.error().error.text());
  return effects_of<AlertEffect>(*result);
}
AlertEffect only(const MachineState& before, const Event& event) {
  const auto alerts = told(before, event);
  if (alerts.size() != 1) throw std::runtime_error(fmt::format("{} alerts", alerts.size()));
  return alerts.front();
}

// A state's name is ours, not that of whoever reads on a lock screen.
TEST(Telling, NoSubjectIsAMachineState) {
  for (const auto& [name, event] : every_event()) {
    for (const State state : every_state()) {
      const auto result = advance(in_state(state), event, noon());
      if (!result) continue;
      SCOPED_TRACE(std::string(to_text(state)) + " x " + name);
      for (const AlertEffect& alert : effects_of<AlertEffect>(*result)) {
        EXPECT_THAT(alert.line, Not(HasSubstr("->")));
        EXPECT_THAT(alert.line, HasSubstr("shop.example"));
        EXPECT_THAT(alert.line, Not(HasSubstr("\n")));
        EXPECT_THAT(alert.body, HasSubstr("f nobody acts")) << "what happens then";
        EXPECT_THAT(alert.line, Not(HasSubstr("--reason"))) << "it can be typed as it stands";
        EXPECT_THAT(alert.line + alert.body, Not(HasSubstr("|")));
      }
    }
  }
}

TEST(Telling, WhatIsHistoryAloneTellsNobody) {
  const std::vector<std::pair<State, Event>> quiet = {
      {State::draft, RelayObserved{Mode::forward}},
      {State::ready, SwitchCommand{"op-2", "jo", "moving day", "digest-1"}},
      {State::armed, ApproveCommand{"ann"}},
      {State::ready, AbortCommand{"jo", "not today"}},
      {State::ready, FreezeCommand{"jo", "holiday"}},
      {State::switching, AllInForce{"op-1", Mode::hosted}},
      {State::switching, NodeWritten{"op-1", "node-1", 1, 2}},
      {State::hosted, FinalizeCommand{"jo", "a week has passed", {}}},
  };
  for (const auto& [state, event] : quiet) {
    EXPECT_TRUE(told(in_state(state), event).empty()) << to_text(state);
  }
}

TEST(Telling, TheBeginOfASwitchIsHeldAndItsEndWithdrawsIt) {
  const auto begun = advance(in_state(State::armed), all_open(true), noon());
  const auto alerts = effects_of<AlertEffect>(*begun);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].kind, "switch-begun");
  EXPECT_EQ(alerts[0].op_id, "op-1");
  EXPECT_EQ(alerts[0].held, std::chrono::minutes(1));

  const std::vector<std::pair<State, Event>> ends = {
      {State::switching, DryRunRefused{"op-1", "node-2 is dead"}},
      {State::switching, NodeStuck{"op-1", "node-2", "timed out"}},
      {State::switching, RollbackCommand{"op-3", "ann", "trouble", Mode::forward, ""}},
      {State::switching, ForeignWrite{"node-1", "op of somebody else"}},
      {State::verifying, Verified{"2 probes"}},
      {State::verifying, VerifyFailed{"no probe in the mailbox"}},
      {State::verifying, VerifyCommand{"jo", "saw it"}},
      {State::rolling_back, AllInForce{"op-1", Mode::forward}},
  };
  for (const auto& [state, event] : ends) {
    SCOPED_TRACE(to_text(state));
    const auto withdrawn =
        effects_of<WithdrawAlertsEffect>(*advance(in_state(state), event, noon()));
    ASSERT_EQ(withdrawn.size(), 1u);
    EXPECT_EQ(withdrawn[0].op_id, "op-1");
  }
}

TEST(Telling, TheEndSaysWhoBeganItWhyAndHowLongItTook) {
  const AlertEffect done = only(in_state(State::verifying), Verified{"2 probes"});
  EXPECT_EQ(done.kind, "switch-done");
  EXPECT_EQ(done.held, Duration(0));
  EXPECT_EQ(
      done.line,
      "shop.example is switched since 2026-11-22 12:00Z: mail is delivered to the hosted side");
  EXPECT_THAT(done.body, HasSubstr("Begun by jo at 2026-11-22 11:59Z: moving day. It took 8 s."));
}

TEST(Telling, ARollbackTellsThatItFroze) {
  MachineState s = in_state(State::hosted);
  s = advance(s, RollbackCommand{"op-3", "ann", "mail for sales was missing", Mode::forward, ""},
              noon())
          ->state;
  const AlertEffect done = only(s, AllInForce{"op-3", Mode::forward});
  EXPECT_EQ(done.kind, "rollback-done");
  EXPECT_EQ(
      done.line,
      "shop.example is rolled back since 2026-11-22 12:00Z: mail goes to the old server; frozen "
      "since the rollback of 12:00:00Z by ann: mail for sales was missing");
  EXPECT_THAT(done.body, HasSubstr("mxswitch unfreeze shop.example"));
}

TEST(Telling, AnIllRelaySaysWhatHappensToMail) {
  const AlertEffect ill =
      only(in_state(State::hosted),
           RelayUnreadable{"node-2: connection refused", "relay node-2 does not answer",
                           "Postfix there defers mail (451) meanwhile"});
  EXPECT_EQ(
      ill.line,
      "shop.example: relay node-2 does not answer; Postfix there defers mail (451) meanwhile");
}

TEST(Telling, TheMxIsToldOnceAlsoAfterARollback) {
  MachineState s = in_state(State::forwarding);
  const auto first = advance(s, FirstNewAnswer{"since ten"}, noon());
  EXPECT_EQ(effects_of<AlertEffect>(*first).size(), 1u);
  s = first->state;
  s.state = State::forwarding;
  EXPECT_TRUE(told(s, FirstNewAnswer{"since ten"}).empty());
}

TEST(Telling, WhatLastsIsToldOnceAndAgainWhenItComesBack) {
  MachineState s = in_state(State::propagating);
  const Noticed wrong{"mx-wrong", "shop.example: ns1 answers mx9", "If nobody acts: so.", true};
  const Noticed right{"mx-wrong", "", "", false};
  std::vector<std::size_t> alerts;
  for (const Noticed& seen : {wrong, wrong, right, right, wrong}) {
    const auto step = advance(s, seen, noon());
    alerts.push_back(effects_of<AlertEffect>(*step).size());
    s = machine_state_from(to_json(step->state)).value();  // as over a restart
  }
  EXPECT_THAT(alerts, ElementsAre(1, 0, 0, 0, 1));
}

}  // namespace
}  // namespace mxswitch::orchestrator
