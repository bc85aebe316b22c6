// Holds what reports foretold against when READY came. MXSWITCH_TIMELINE=1 prints both.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "monitor/simulation/run.h"

namespace mxswitch::monitor::simulation {
namespace {

struct Foretold {
  Time at;
  Forecast forecast;
};

// Keeps what was foretold once the drain clock ran, until READY came.
class Listener final : public Witness {
 public:
  std::vector<Foretold> foretold;

  void reported(const PropagationReport& report) override {
    ready_ = ready_ || report.ready();
    if (report.opens_at && !ready_) foretold.push_back({report.at, report.forecast});
  }

 private:
  bool ready_ = false;
};

// READY comes neither a settle time before what was foretold as earliest, nor a settle time after
// the latest.
TEST(OrdinaryWorlds, AreForetoldWithinTheSettleTime) {
  for (const char* file : {"lab.scn", "ordinary_day.scn", "loss.scn"}) {
    const auto scenario = read_scenario(std::string(SCENARIOS_DIR) + "/" + file);
    ASSERT_TRUE(scenario) << scenario.error().text();
    const Duration settle = scenario->input.policy.settle;
    Listener listener;
    const RunResult result = run_scenario(*scenario, file, {.witness = &listener});
    ASSERT_TRUE(result.ready) << file;
    EXPECT_GT(listener.foretold.size(), 10u) << file;
    const Time came = kStart + result.ready->at;
    for (const auto& [at, forecast] : listener.foretold) {
      const auto when = (at - kStart).count();
      ASSERT_TRUE(forecast.earliest && forecast.latest)
          << file << " at " << when << " ms: " << forecast.waits_for.text;
      EXPECT_GE(came, *forecast.earliest - settle) << file << " at " << when << " ms";
      EXPECT_LE(came, *forecast.latest + settle) << file << " at " << when << " ms";
      if (std::getenv("MXSWITCH_TIMELINE"))
        std::cout << file << " at " << when << " ms: " << (*forecast.earliest - kStart).count()
                  << " to " << (*forecast.latest - kStart).count() << ", came "
                  << result.ready->at.count() << "\n";
    }
  }
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
