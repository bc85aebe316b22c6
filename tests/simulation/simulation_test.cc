// A small seeded slice of tests/bench/run verdict, held to the same bars.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "tests/simulation/cost.h"
#include "tests/simulation/trial.h"
#include "tests/simulation/worlds.h"

namespace mxswitch::simulation {
namespace {

TrialOptions quick() {
  TrialOptions options;
  options.threads = 2;
  options.naive = false;
  return options;
}

// One that fell silent for good after an old answer is waived.
TrialOptions waiving() {
  TrialOptions options = quick();
  options.waives = true;
  return options;
}

std::string ordinary(std::uint64_t seed) { return ordinary_world(seed, 3600); }

std::string odd(const Trial& trial) {
  std::string text;
  for (const std::string& line : trial.odd) text += line + "\n";
  return text;
}

TEST(HonestWorlds, AreNeverReadyTooEarlyWhateverHappens) {
#ifdef SIMULATION_THIN
  constexpr int kWorlds = 1, kLongWorlds = 0;
#else
  constexpr int kWorlds = 3, kLongWorlds = 1;
#endif
  for (const Happening happening : kHappenings) {
    const int worlds = lasts_for_days(happening) ? kLongWorlds : kWorlds;
    const Trial trial = run_trial([&](std::uint64_t seed) { return honest_world(happening, seed); },
                                  74001, worlds, waiving());
    EXPECT_EQ(trial.ours.premature, 0) << to_text(happening) << "\n" << odd(trial);
    EXPECT_EQ(trial.ours.shown_other, 0) << to_text(happening) << "\n" << odd(trial);
    EXPECT_EQ(trial.ours.ready, worlds) << to_text(happening) << "\n" << odd(trial);
  }
}

TEST(HonestWorlds, MakeNaiveRulesPremature) {
  TrialOptions options = waiving();
  options.naive = true;
  const Trial trial = run_trial(
      [](std::uint64_t seed) { return honest_world(Happening::plain, seed); }, 71001, 6, options);
  EXPECT_EQ(trial.ours.premature, 0) << odd(trial);
  EXPECT_GT(trial.naive.at(Rule::majority).premature, 0);
  EXPECT_GT(trial.naive.at(Rule::first_new_300).premature, 0);
}

TEST(OrdinaryWorlds, AreReadySoonAfterTheDrainForFewQueries) {
  const Trial trial = run_trial(ordinary, 72001, 2, quick());
  EXPECT_EQ(trial.ours.ready, 2) << odd(trial);
  EXPECT_EQ(trial.ours.premature, 0) << odd(trial);
  EXPECT_LE(at_share(trial.after_strict, 0.5), 130);
  EXPECT_LE(at_share(trial.query_shares, 1), 0.25);
}

#ifndef SIMULATION_THIN
TEST(OrdinaryWorlds, AreWatchedOnForADayForLittleMoreWhereSomeRefuse) {
  const Cost cost = cost_of_ordinary(77001, 3600);
  ASSERT_TRUE(cost.ready);
  EXPECT_LE(cost.after, 1.3 * cost.without);
  EXPECT_GT(cost.failing_a_day, 0);
  EXPECT_LE(cost.failing_a_day, 300);
}
#endif

TEST(WorldsWithViolators, AreNotReadyWhereOneWasSampled) {
  for (int number = 0; number < kFixedWorlds; number += 10) {
    const Trial trial = run_trial([&](std::uint64_t seed) { return violator_world(number, seed); },
                                  73001, 3, quick());
    EXPECT_EQ(trial.ours.shown_other, 0) << "world " << number << "\n" << odd(trial);
    EXPECT_EQ(trial.ours.listed_premature, 0) << "world " << number << "\n" << odd(trial);
  }
}

TEST(MixedWorlds, AreNotReadyWhereAnEarlierSetWasSeenLast) {
  for (const bool waives : {false, true}) {
    TrialOptions options = quick();
    options.waives = waives;
    const Trial trial = run_trial(mixed_world, 75001, 10, options);
    EXPECT_EQ(trial.ours.shown_other, 0) << odd(trial);
    EXPECT_LE(trial.above_bound, 1) << odd(trial);
  }
}

// Each cause is told, and each world can be read; what they show is no matter of a bar.
TEST(InvisibleWorlds, CanBePlayed) {
  const Trial trial = run_trial(invisible_world, 76000, kInvisibleCauses, quick());
  EXPECT_EQ(trial.ours.runs, kInvisibleCauses);
  EXPECT_EQ(trial.ours.shown_other, 0) << odd(trial);
  std::set<std::string> causes;
  for (std::uint64_t seed = 76000; seed < 76000 + kInvisibleCauses; ++seed)
    causes.insert(invisible_cause(seed));
  EXPECT_EQ(causes.size(), static_cast<std::size_t>(kInvisibleCauses));
}

TEST(HonestWorlds, AreOfEachKindInThreeOfAHundredAtLeast) {
  std::map<Happening, int> kinds;
  for (std::uint64_t seed = 1; seed <= 10000; ++seed) ++kinds[happening_of(seed)];
  for (const Happening happening : kHappenings)
    EXPECT_GE(kinds[happening], 300) << to_text(happening);
}

// What only waived caches and ignored servers could still say is counted apart.
TEST(Outcomes, CountApartWhatIsWaived) {
  monitor::simulation::RunResult result;
  const auto waived = *probes::Endpoint::parse("9.9.9.9");
  const auto other = *probes::Endpoint::parse("8.8.8.8");
  result.ready.emplace();
  result.ready->waived = {waived};
  result.ready->truth.stale = 1;
  result.ready->truth.stale_at = result.ready->truth.stale_listed = {waived};
  EXPECT_FALSE(outcome_of(result).premature);
  EXPECT_TRUE(outcome_of(result).waived_stale);
  result.ready->truth.stale = 2;
  result.ready->truth.stale_at.push_back(other);
  EXPECT_TRUE(outcome_of(result).premature);
  EXPECT_FALSE(outcome_of(result).waived_stale);
  EXPECT_FALSE(outcome_of(result).listed_premature);
  result.ready->truth.stale_at.pop_back();
  result.ready->truth.authority_other = true;
  EXPECT_TRUE(outcome_of(result).premature);
}

// A world is its seed: what a run says can be played again.
TEST(Worlds, AreTheSameForTheSameSeed) {
  EXPECT_EQ(honest_world(5), honest_world(5));
  EXPECT_NE(honest_world(5), honest_world(6));
  const Trial one = run_trial(ordinary, 5, 1, quick());
  const Trial again = run_trial(ordinary, 5, 1, quick());
  EXPECT_EQ(one.ours.queries, again.ours.queries);
  EXPECT_EQ(one.after_strict, again.after_strict);
}

TEST(Tallies, SortDelaysAndBoundShares) {
  EXPECT_EQ(at_share({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(at_share({}, 0.5), 0);
  // Clopper and Pearson's own: 0 of 10 at most 30.8 %, 5 of 10 from 18.7 % to 81.3 %.
  EXPECT_NEAR(share_between(0, 10).high, 0.308, 0.001);
  EXPECT_NEAR(share_between(5, 10).low, 0.187, 0.001);
  EXPECT_NEAR(share_between(5, 10).high, 0.813, 0.001);
  EXPECT_EQ(share_between(10, 10).high, 1);
}

}  // namespace
}  // namespace mxswitch::simulation
