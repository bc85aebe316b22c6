// SIGKILL at any point: whatever was learnt when the process dies, what was durable then gives
// the same obligations and the same bound or a later one, and READY no sooner. Durable is what
// monitor/watch keeps: the state at the last rise of Propagation::revision().
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "monitor/simulation/run.h"
#include "tests/scenarios/files.h"

namespace mxswitch::monitor::simulation {
namespace {

// Of the samples of a run; MXSWITCH_KILLS=1 dies after each of them.
int samples_between_kills() {
  const char* wanted = std::getenv("MXSWITCH_KILLS");
  return wanted ? std::max(1, std::atoi(wanted)) : 29;
}

bool covers(const Obligation& kept, const Obligation& lost) {
  return kept.kind == lost.kind && kept.endpoint == lost.endpoint && kept.set == lost.set &&
         kept.what == lost.what && kept.ttl >= lost.ttl &&
         (!kept.until || (lost.until && *kept.until >= *lost.until));
}

class Killer final : public Witness {
 public:
  void took(const Sample&, const Propagation& core, Time now) override {
    const ClockReading clock{now, now, now - kStart, "boot-1", true, Duration(0)};
    const bool material = core.revision() != kept_revision_;
    if (material) kept_ = core.save(clock);
    kept_revision_ = core.revision();
    if (++samples_ % samples_between_kills() == 0) kill(core, now, clock);
  }

  int kills() const { return kills_; }

 private:
  void kill(const Propagation& core, Time now, const ClockReading& clock) {
    ++kills_;
    const auto restored = Propagation::restore(core.input(), kept_, clock);
    ASSERT_TRUE(restored) << restored.error().text();
    const PropagationReport before = core.report(now), after = restored->report(now);
    const std::string when = fmt::format("killed after {} s", (now - kStart).count() / 1000);
    for (const Obligation& lost : before.obligations)
      EXPECT_TRUE(std::any_of(after.obligations.begin(), after.obligations.end(),
                              [&](const Obligation& kept) { return covers(kept, lost); }))
          << when << ": lost: " << lost.evidence;
    if (after.strict_until) {
      ASSERT_TRUE(before.strict_until) << when << ": a bound out of nothing";
      EXPECT_GE(*after.strict_until, *before.strict_until) << when;
    }
    EXPECT_TRUE(before.ready() || !after.ready()) << when << ": READY by dying";
  }

  nlohmann::json kept_;
  std::uint64_t kept_revision_ = 0;
  int samples_ = 0, kills_ = 0;
};

TEST(Killed, LosesNoObligationAndIsNeverEarlier) {
  int kills = 0;
  for (const std::string& path : scenario_files()) {
    SCOPED_TRACE(path);
    auto scenario = read_scenario(path);
    ASSERT_TRUE(scenario) << scenario.error().text();
    Killer killer;
    run_scenario(*scenario, file_name(path), {.whole = false, .witness = &killer});
    kills += killer.kills();
  }
  RecordProperty("kills", kills);
  EXPECT_GT(kills, 100 / SCENARIOS_STEP);
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
