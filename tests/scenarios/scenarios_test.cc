// Every *.scn file of this folder is a test of its own. MXSWITCH_TIMELINE=1 prints timelines.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "monitor/simulation/run.h"
#include "tests/scenarios/files.h"

namespace mxswitch::monitor::simulation {
namespace {

// MXSWITCH_SEEDS=200 looks harder.
std::uint64_t seeds() {
  const char* wanted = std::getenv("MXSWITCH_SEEDS");
  return wanted ? std::strtoull(wanted, nullptr, 10) : SCENARIOS_STEP == 1 ? 5 : 1;
}

class Scenarios : public testing::TestWithParam<std::string> {};

TEST_P(Scenarios, EndAsTheirFilesSay) {
  const auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const std::string name = file_name(GetParam());
  const RunResult result = run_scenario(*scenario, name);
  if (std::getenv("MXSWITCH_TIMELINE"))
    std::cout << scenario->title << "\n"
              << timeline_text(result) << "queries: " << result.queries.all() << "\n";
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  if (!result.failures.empty()) std::cout << timeline_text(result);
}

INSTANTIATE_TEST_SUITE_P(Files, Scenarios, testing::ValuesIn(scenario_files()), test_name);

// Times differ by seed; that READY comes, and never early, does not.
TEST(OrdinaryWorlds, AreReadyInTimeAndNeverEarlyWithAnySeed) {
  for (const char* file : {"lab.scn", "rollback.scn", "serve_stale.scn", "restart.scn"}) {
    auto scenario = read_scenario(std::string(SCENARIOS_DIR) + "/" + file);
    ASSERT_TRUE(scenario) << scenario.error().text();
    scenario->expectations.clear();
    for (std::uint64_t seed = 100; seed < 100 + seeds(); ++seed) {
      scenario->seed = seed;
      const RunResult result = run_scenario(*scenario, file);
      EXPECT_TRUE(result.ready) << file << " with seed " << seed << "\n" << timeline_text(result);
      for (const std::string& failure : result.failures)
        ADD_FAILURE() << "seed " << seed << ": " << failure << "\n" << timeline_text(result);
    }
  }
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
