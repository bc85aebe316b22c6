// A small seeded slice of tests/bench/run verdict, held to the same bars.
#include <gtest/gtest.h>

#include <algorithm>

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

std::string some_honest(std::uint64_t seed) { return honest_world(seed); }

std::string odd(const Trial& trial) {
  std::string text;
  for (const std::string& line : trial.odd) text += line + "\n";
  return text;
}

TEST(HonestWorlds, AreNeverReadyTooEarly) {
  const Trial trial = run_trial(some_honest, 70001, 14, waiving());
  EXPECT_EQ(trial.ours.premature, 0) << odd(trial);
  EXPECT_EQ(trial.ours.shown_other, 0) << odd(trial);
  EXPECT_EQ(trial.ours.ready, 14) << odd(trial);
}

TEST(HonestWorlds, AreNeverReadyTooEarlyWhateverHappens) {
#ifdef SIMULATION_THIN
  constexpr int kWorlds = 1, kLongWorlds = 0;
#else
  constexpr int kWorlds = 3, kLongWorlds = 1;
#endif
  for (const Happening happening : kHappenings) {
    const int worlds = happening == Happening::provider_goes_dark ? kLongWorlds : kWorlds;
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
  const Trial trial = run_trial(some_honest, 71001, 6, options);
  EXPECT_EQ(trial.ours.premature, 0) << odd(trial);
  EXPECT_GT(trial.naive.at(Rule::majority).premature, 0);
  EXPECT_GT(trial.naive.at(Rule::first_new_300).premature, 0);
}

TEST(OrdinaryWorlds, AreReadySoonAfterTheDrainForFewQueries) {
  const Trial trial =
      run_trial([](std::uint64_t seed) { return ordinary_world(seed, 3600); }, 72001, 2, quick());
  EXPECT_EQ(trial.ours.ready, 2) << odd(trial);
  EXPECT_EQ(trial.ours.premature, 0) << odd(trial);
  EXPECT_LE(at_share(trial.after_strict, 0.5), 130);
  EXPECT_LE(at_share(trial.query_shares, 1), 0.25);
}

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

// A world is its seed: what a run says can be played again.
TEST(Worlds, AreTheSameForTheSameSeed) {
  EXPECT_EQ(honest_world(5), honest_world(5));
  EXPECT_NE(honest_world(5), honest_world(6));
  const Trial one = run_trial(some_honest, 5, 1, quick());
  const Trial again = run_trial(some_honest, 5, 1, quick());
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
