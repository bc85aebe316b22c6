#include <gtest/gtest.h>

#include "tests/unit/orchestrator/machine/machine_fixture.h"

namespace mxswitch::orchestrator {
namespace {

Step must(const MachineState& s, const Event& e, Time now = noon()) {
  auto result = advance(s, e, now);
  if (!result) throw std::runtime_error(result.error().error.text());
  return std::move(*result);
}
std::string refusal(const MachineState& s, const Event& e) {
  const auto result = advance(s, e, noon());
  return result ? "accepted" : result.error().error.text();
}

TEST(Commands, ARefusedSwitchNamesTheGates) {
  MachineState s = in_state(State::propagating);
  s.closed = {"propagation", "accounts"};
  EXPECT_EQ(refusal(s, SwitchCommand{"op", "jo", "go", "digest-1"}),
            "shop.example: not open: propagation, accounts; wait for READY, or see mxswitch gates");
}

TEST(Commands, AnotherDigestIsRefused) {
  const auto result =
      advance(in_state(State::ready), SwitchCommand{"op", "jo", "go", "digest-9"}, noon());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.fault, Fault::stale);
  EXPECT_EQ(result.error().exit_code, 3);
}

TEST(Commands, AReasonIsRequired) {
  const std::vector<std::pair<State, Event>> without = {
      {State::ready, SwitchCommand{"op", "jo", "", "digest-1"}},
      {State::ready, AbortCommand{"jo", ""}},
      {State::hosted, RollbackCommand{"op", "jo", "", Mode::forward, ""}},
      {State::ready, FreezeCommand{"jo", ""}},
      {State::ready, OverrideCommand{"jo", "", "spf", noon() + seconds(1), "digest-1"}},
      {State::ready, WaiveCommand{"jo", "", "192.0.2.1", "shop.example", "digest-1"}},
      {State::blocked, ResolveCommand{"op", "jo", "", true, Mode::forward, {}}}};
  for (const auto& [state, event] : without) {
    const auto result = advance(in_state(state), event, noon());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().exit_code, 2);
  }
}

TEST(Commands, AFrozenDomainDoesNotSwitchButRollsBack) {
  MachineState s = in_state(State::ready);
  s.frozen = Freeze{};
  EXPECT_NE(refusal(s, SwitchCommand{"op", "jo", "go", "digest-1"}).find("frozen"),
            std::string::npos);
  s = in_state(State::armed);
  s.frozen = Freeze{};
  EXPECT_EQ(must(s, all_open(true)).state.state, State::armed);
  s = in_state(State::hosted);
  s.frozen = Freeze{};
  EXPECT_EQ(must(s, RollbackCommand{"op", "jo", "why", Mode::forward, ""}).state.state,
            State::rolling_back);
}

TEST(Commands, RelayAndOperatorCantBeOverridden) {
  for (const char* gate : {"relay", "operator"}) {
    EXPECT_NE(refusal(in_state(State::propagating),
                      OverrideCommand{"jo", "please", gate, noon() + seconds(60), "digest-1"})
                  .find("can't be overridden"),
              std::string::npos);
  }
  EXPECT_NE(
      refusal(in_state(State::propagating), OverrideCommand{"jo", "x", "spf", noon(), "digest-1"})
          .find("over already"),
      std::string::npos);
}

TEST(Commands, TheAuthorDoesNotApproveAndNobodyTwice) {
  EXPECT_NE(refusal(in_state(State::armed), ApproveCommand{"jo"}).find("can't approve"),
            std::string::npos);
  const MachineState once = must(in_state(State::armed), ApproveCommand{"ann"}).state;
  EXPECT_EQ(once.armed->approvals, std::vector<std::string>{"ann"});
  EXPECT_NE(refusal(once, ApproveCommand{"ann"}).find("already"), std::string::npos);
}

TEST(Commands, TheWriteIsAuthorisedForTheDigestOfTheCommand) {
  const Step step = must(in_state(State::armed), all_open(true));
  ASSERT_TRUE(step.state.authorised);
  EXPECT_EQ(step.state.authorised->digest, "digest-1");
  const auto writes = effects_of<BeginWriteEffect>(step);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].target, Mode::hosted);
  EXPECT_TRUE(writes[0].dry_run);
  EXPECT_EQ(writes[0].op_id, "op-1");
}

// Its approvals and its window were another command's.
TEST(Commands, TheLastJudgementIsOfTheCommandThatIsArmed) {
  GatesJudged of_another = all_open(true);
  of_another.op_id = "op-0";
  const Step step = must(in_state(State::armed), of_another);
  EXPECT_EQ(step.state.state, State::armed);
  EXPECT_TRUE(effects_of<BeginWriteEffect>(step).empty());
}

TEST(Commands, APermissionThatWasMeantForAnotherPlanIsRefused) {
  OverrideCommand over{"jo", "looked", "spf", noon() + seconds(60), "digest-0"};
  EXPECT_NE(refusal(in_state(State::propagating), over).find("another plan"), std::string::npos);
  WaiveCommand waive{"jo", "known", "192.0.2.9", "shop.example", "digest-0"};
  EXPECT_NE(refusal(in_state(State::propagating), waive).find("another plan"), std::string::npos);
}

TEST(Commands, AnArmedSwitchWaitsForItsWindow) {
  GatesJudged e = all_open(true);
  e.operator_open = false;
  EXPECT_EQ(must(in_state(State::armed), e).state.state, State::armed);
  EXPECT_EQ(must(in_state(State::armed), TimePassed{}, noon() + std::chrono::hours(23)).state.state,
            State::armed);
  const Step expired = must(in_state(State::armed), TimePassed{}, noon() + std::chrono::hours(24));
  EXPECT_EQ(expired.state.state, State::propagating);
  EXPECT_EQ(effects_of<FinishOperationEffect>(expired).at(0).exit_code, 3);
}

std::vector<std::string> kinds_of(const Step& step) {
  std::vector<std::string> kinds;
  for (const AlertEffect& alert : effects_of<AlertEffect>(step)) kinds.push_back(alert.kind);
  return kinds;
}

// Whatever was rolled back, and wherever it came from.
TEST(Commands, ARollbackFreezesWithItsReasonUntilSomebodyUnfreezes) {
  for (const State from : {State::armed, State::switching, State::verifying, State::hosted,
                           State::blocked, State::held}) {
    const RollbackCommand back{"op-9", "ann", "mail for sales was missing", Mode::forward, ""};
    MachineState s = must(in_state(from), back).state;
    ASSERT_TRUE(s.frozen) << to_text(from);
    EXPECT_EQ(s.frozen->reason, "mail for sales was missing");
    EXPECT_EQ(s.frozen->author, "ann");
    EXPECT_EQ(s.frozen->since, noon());
    EXPECT_TRUE(s.frozen->by_rollback);
    if (s.state == State::rolling_back) s = must(s, AllInForce{"op-9", Mode::forward}).state;
    s = must(s, FirstNewAnswer{"ns1"}).state;
    const Step judged = must(s, all_open());
    EXPECT_EQ(judged.state.state, State::propagating) << to_text(from);
    EXPECT_TRUE(kinds_of(judged).empty()) << "no READY a second later";
    const auto refused = advance(s, SwitchCommand{"op-10", "jo", "again", "digest-1"}, noon());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().exit_code, 3);
    EXPECT_EQ(refused.error().error.text(),
              "shop.example: frozen since the rollback of 12:00:00Z by ann: mail for sales was "
              "missing; mxswitch unfreeze shop.example --reason \"...\"");
    const auto no_reason = advance(s, UnfreezeCommand{"jo", ""}, noon());
    ASSERT_FALSE(no_reason);
    EXPECT_EQ(no_reason.error().exit_code, 2);
    const Step again = must(must(s, UnfreezeCommand{"jo", "found it"}).state, all_open());
    EXPECT_EQ(again.state.state, State::ready);
  }
}

TEST(Commands, AFreezeIsKeptWithItsReasonAndAFlagOfOldStoresLoads) {
  MachineState s = in_state(State::propagating);
  s.frozen = Freeze{"ann", "mail for sales was missing", noon(), true};
  const auto read = machine_state_from(to_json(s));
  ASSERT_TRUE(read && read->frozen);
  EXPECT_EQ(to_json(*read), to_json(s));
  nlohmann::json old = to_json(s);
  old.erase("freeze");
  const auto flag = machine_state_from(old);
  ASSERT_TRUE(flag && flag->frozen) << "a store from before the reason was kept";
  EXPECT_EQ(to_text(*flag->frozen, noon()), "frozen");
  old["frozen"] = false;
  EXPECT_FALSE(machine_state_from(old)->frozen);
}

TEST(Commands, AbortEndsThePendingSwitch) {
  const Step step = must(in_state(State::armed), AbortCommand{"ann", "no"});
  EXPECT_FALSE(step.state.armed);
  const auto ended = effects_of<FinishOperationEffect>(step);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].op_id, "op-1");
  EXPECT_EQ(ended[0].status, "refused");
  EXPECT_EQ(advance(step.state, all_open(true), noon())->state.state, State::aborted);
}

TEST(Commands, RollbackToHoldEndsInHeldAndLeavesIt) {
  const Step begun = must(in_state(State::hosted),
                          RollbackCommand{"op-9", "jo", "old server dead", Mode::hold, ""});
  const Step held = must(begun.state, AllInForce{"op-9", Mode::hold});
  EXPECT_EQ(held.state.state, State::held);
  EXPECT_FALSE(held.state.writing);
  EXPECT_EQ(must(held.state, AbortCommand{"jo", "leave it"}).state.state, State::aborted);
  const Step back = must(held.state, RollbackCommand{"op-10", "jo", "alive", Mode::forward, ""});
  EXPECT_EQ(must(back.state, AllInForce{"op-10", Mode::forward}).state.state, State::forwarding);
}

TEST(Commands, WithoutAnOldServerThereIsNoForward) {
  MachineState s = in_state(State::hosted);
  s.base = Mode::hold;
  EXPECT_NE(refusal(s, RollbackCommand{"op", "jo", "x", Mode::forward, ""}).find("no old server"),
            std::string::npos);
  EXPECT_EQ(must(s, RollbackCommand{"op", "jo", "x", Mode::hold, ""}).state.state,
            State::rolling_back);
}

TEST(Commands, ARollbackSupersedesTheWriteUnderWay) {
  const Step step =
      must(in_state(State::switching), RollbackCommand{"op-9", "jo", "stop", Mode::forward, ""});
  EXPECT_FALSE(step.state.authorised);
  EXPECT_EQ(step.state.writing->op_id, "op-9");
  EXPECT_EQ(effects_of<FinishOperationEffect>(step).at(0).op_id, "op-1");
  EXPECT_EQ(must(step.state, AllInForce{"op-1", Mode::hosted}).state.state, State::rolling_back);
}

TEST(Commands, AdoptingHostedNeedsTheGates) {
  ResolveCommand e{"op", "jo", "was me", true, Mode::hosted, {"accounts"}};
  EXPECT_NE(refusal(in_state(State::blocked), e).find("not open: accounts"), std::string::npos);
  e.observed.reset();
  EXPECT_NE(refusal(in_state(State::blocked), e).find("do not agree"), std::string::npos);
  e.observed = Mode::forward;
  EXPECT_EQ(must(in_state(State::blocked), e).state.state, State::forwarding);
}

TEST(Commands, RestoringHostedNeedsItsAuthorisation) {
  MachineState s = in_state(State::blocked);
  s.authorised->generation = 7;
  const ResolveCommand e{"op", "jo", "back", false, {}, {}};
  EXPECT_NE(refusal(s, e).find("not authorised"), std::string::npos);
  s = in_state(State::blocked);
  s.blocked_from = State::propagating;
  const Step step = must(s, e);
  EXPECT_EQ(effects_of<BeginWriteEffect>(step).at(0).target, Mode::forward);
  s.blocked_from = State::aborted;
  EXPECT_EQ(must(must(s, e).state, AllInForce{"op", Mode::forward}).state.state, State::aborted);
}

TEST(Commands, FinalizeWaitsForTheQueueAndForAReason) {
  EXPECT_NE(refusal(in_state(State::hosted), FinalizeCommand{"jo", "x", "node-1 queues 3 messages"})
                .find("node-1 queues 3"),
            std::string::npos);
  EXPECT_NE(refusal(in_state(State::hosted), FinalizeCommand{"jo", "", {}}).find("7 days"),
            std::string::npos);
}

TEST(Commands, ANewPlanAfterAnAbortIsANewGeneration) {
  EXPECT_EQ(
      must(in_state(State::aborted), PlanGiven{"jo", "digest-2", Mode::forward}).state.generation,
      2);
  EXPECT_EQ(
      must(in_state(State::ready), PlanGiven{"jo", "digest-2", Mode::forward}).state.generation, 1);
  EXPECT_NE(refusal(in_state(State::ready), PlanGiven{"jo", "digest-1", Mode::forward})
                .find("the one in force"),
            std::string::npos);
}

TEST(Commands, StuckIsAlertedOnce) {
  const NodeStuck stuck{"op-1", "node-2", "timed out"};
  const Step first = must(in_state(State::switching), stuck);
  EXPECT_EQ(effects_of<FinishOperationEffect>(first).at(0).exit_code, 4);
  EXPECT_NE(effects_of<AlertEffect>(first).at(0).line.find("in force at 0 of 2 nodes"),
            std::string::npos);
  EXPECT_TRUE(must(first.state, stuck).effects.empty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
