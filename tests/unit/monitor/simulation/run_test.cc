// What a run counts and does beside the world.
#include "monitor/simulation/run.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor::simulation {
namespace {

Scenario parsed(const std::string& text) {
  auto scenario = parse_scenario(
      "owner shop.example\nset old 10 mail.shop.example\nset new 10 mx1.filter.example\n" + text,
      "x.scn");
  EXPECT_TRUE(scenario) << scenario.error().text();
  return *scenario;
}

TEST(Run, WaivesViolatorsWhereItIsToldTo) {
  const Scenario scenario = parsed(
      "policy floor 60s\ndeclare old_ttl 60\nauthority ns1.shop.example 198.51.100.11 serves old "
      "ttl 60\n"
      "resolvers 12 clients 5s\nresolver 9.9.9.9 Quad9 forever clients 5s\nat 0s watch\n"
      "at 10m serve ns1.shop.example new ttl 60\nend 4h\n");
  RunOptions options;
  options.whole = false;
  EXPECT_FALSE(run_scenario(scenario, "", options).ready);
  options.waives_violators = true;
  const RunResult result = run_scenario(scenario, "", options);
  ASSERT_TRUE(result.ready);
  EXPECT_EQ(result.ready->waived, std::vector{*Endpoint::parse("9.9.9.9")});
  EXPECT_GT(result.ready->at, std::chrono::hours(1));
}

TEST(Run, TheChangeIsTheFirstOfWhatIsExpected) {
  const char* kServed = "authority ns1.shop.example 198.51.100.11 serves old ttl 60\n";
  EXPECT_EQ(
      change_of(parsed(std::string(kServed) + "at 0s watch\n"
                                              "at 5s serve ns1.shop.example old ttl 5\n"
                                              "at 9s serve ns1.shop.example new ttl 5\nend 1h\n")),
      seconds(9));
  EXPECT_EQ(change_of(parsed(std::string(kServed) +
                             "authority ns2.shop.example 198.51.100.12 serves new ttl 60 later\n"
                             "at 0s watch\nat 7s join ns2.shop.example\nend 1h\n")),
            seconds(7));
  EXPECT_FALSE(change_of(parsed(std::string(kServed) + "at 0s watch\nend 1h\n")));
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
