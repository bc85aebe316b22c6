// A policy that goes away on the day of the move is held by senders for as long as they may.
#include "orchestrator/switchover/mta_sts_keep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "_mta-sts.shop.example";
constexpr const char* kRecord = "v=STSv1; id=1";

std::string policy(const std::string& mode, const std::string& mx, int max_age) {
  return "version: STSv1\nmode: " + mode + "\nmx: " + mx + "\nmax_age: " + std::to_string(max_age) +
         "\n";
}

class HeldPolicy : public testing::Test {
 protected:
  HeldPolicy() { w.command("plan", {{"plan", kPlan}, {"name", "shop.toml"}}); }
  void look(Duration after = seconds(301)) {
    w.clock.advance(after);
    w.run(w.switchover->refresh_outside());
    w.run(w.switchover->judge(false));
  }
  void publish() {
    w.outside.texts[kName] = {kRecord};
    look();
  }
  void take_down() {
    w.outside.texts.erase(kName);
    look();
  }
  GateResult gate() {
    for (const GateResult& each : w.switchover->gates())
      if (each.id == "mta-sts") return each;
    throw std::runtime_error("no gate mta-sts");
  }

  World w;
};

TEST_F(HeldPolicy, ThatWasNeverSeenHoldsNothing) {
  look();
  EXPECT_EQ(gate().verdict, GateVerdict::pass);
}

TEST_F(HeldPolicy, ThatWasNotFetchedHoldsForAYear) {
  publish();
  EXPECT_EQ(gate().verdict, GateVerdict::unknown);
  take_down();
  const Time gone = w.clock.now();
  EXPECT_EQ(gate().verdict, GateVerdict::waits);
  EXPECT_THAT(gate().why, HasSubstr("a policy that could not be fetched"));
  EXPECT_EQ(gate().earliest, gone + seconds(31'557'600));
  look(seconds(31'557'000));
  EXPECT_FALSE(gate().open());
  look(seconds(601));
  EXPECT_EQ(gate().verdict, GateVerdict::pass);
}

TEST_F(HeldPolicy, HoldsForItsMaxAgeFromWhenItWentAway) {
  w.outside.policies["shop.example"] = policy("enforce", "old.shop.example", 86'400);
  publish();
  look();
  take_down();
  EXPECT_FALSE(gate().open());
  EXPECT_THAT(gate().why, HasSubstr("a policy without the new exchanges"));
  look(seconds(80'000));
  EXPECT_FALSE(gate().open());
  look(seconds(6'400));
  EXPECT_EQ(gate().verdict, GateVerdict::pass);
}

TEST_F(HeldPolicy, SurvivesARestart) {
  w.outside.policies["shop.example"] = policy("enforce", "old.shop.example", 86'400);
  publish();
  w.restart();
  take_down();  // while the daemon was down
  EXPECT_FALSE(gate().open());
  w.restart();
  look();
  EXPECT_FALSE(gate().open());
  EXPECT_THAT(gate().why, HasSubstr("a policy without the new exchanges"));
}

TEST_F(HeldPolicy, LetsThroughWhatAllowsTheNewExchanges) {
  for (const auto& body :
       {policy("none", "old.shop.example", 86'400), policy("testing", "old.shop.example", 86'400),
        policy("enforce", "*.filter.example", 86'400)}) {
    w.outside.policies["shop.example"] = body;
    publish();
    EXPECT_EQ(gate().verdict, GateVerdict::unknown) << body;
    take_down();
    EXPECT_EQ(gate().verdict, GateVerdict::pass) << body;
  }
}

TEST_F(HeldPolicy, AnotherRecordAnnouncesAnotherPolicy) {
  w.outside.policies["shop.example"] = policy("none", "x.example", 86'400);
  publish();
  w.outside.policies.clear();
  w.outside.texts[kName] = {"v=STSv1; id=2"};
  look();
  take_down();
  EXPECT_THAT(gate().why, HasSubstr("a policy that could not be fetched"));
}

TEST_F(HeldPolicy, ComesBackAndIsGoneAnew) {
  publish();
  take_down();
  publish();
  EXPECT_EQ(gate().verdict, GateVerdict::unknown);
  look(seconds(40'000'000));
  take_down();
  EXPECT_FALSE(gate().open()) << "counted from the second time";
}

TEST_F(HeldPolicy, IsFetchedEverySoOften) {
  publish();
  EXPECT_EQ(w.outside.policies_asked, 1);
  look(seconds(10));
  EXPECT_EQ(w.outside.policies_asked, 1);
  look(seconds(300));
  EXPECT_EQ(w.outside.policies_asked, 2);
}

}  // namespace
}  // namespace mxswitch::orchestrator
