// Waivers belong to one of the plan's domains, are kept over a restart, and can be taken back.

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using Waived = std::vector<std::string>;

void to_ready_with_alias(World& w) {
  std::string plan = kPlan;
  const std::string domain = "domain = \"shop.example\"";
  plan.replace(plan.find(domain), domain.size(), domain + "\nalias_domains = [\"shop2.example\"]");
  w.command("plan", {{"plan", plan}});
  w.gather();
}

nlohmann::json of(const std::string& resolver, const std::string& owner = {}) {
  nlohmann::json arguments = {{"resolver", resolver}, {"reason", "known"}};
  if (!owner.empty()) arguments["owner"] = owner;
  return arguments;
}

TEST(Waive, CountsForTheDomainUnlessAnotherOfThePlanIsNamed) {
  World w;
  to_ready_with_alias(w);
  EXPECT_EQ(w.command("waive", of("192.0.2.9")).status, "done");
  EXPECT_EQ(w.command("waive", of("192.0.2.9", "Shop2.example.")).status, "done");
  EXPECT_EQ(w.reports.waived, (Waived{"shop.example 192.0.2.9", "shop2.example 192.0.2.9"}));
  EXPECT_EQ(w.command("waive", of("192.0.2.9", "other.example")).exit_code, 2);
}

TEST(Waive, IsGivenToItsOwnerAgainAfterARestart) {
  World w;
  to_ready_with_alias(w);
  w.command("waive", of("192.0.2.9", "shop2.example"));
  w.reports.waived.clear();
  w.restart();
  EXPECT_EQ(w.reports.waived, Waived{"shop2.example 192.0.2.9"});
  EXPECT_EQ(w.shot()->waivers.at(0).owner, "shop2.example");
}

TEST(Waive, IsTakenBackForGood) {
  World w;
  to_ready_with_alias(w);
  w.command("waive", of("192.0.2.9"));
  w.command("waive", of("192.0.2.9", "shop2.example"));
  EXPECT_EQ(w.command("unwaive", of("192.0.2.9")).status, "done");
  EXPECT_EQ(w.reports.waived, Waived{"shop2.example 192.0.2.9"});
  EXPECT_EQ(w.shot()->history.back().what, "unwaive 192.0.2.9 for shop.example");
  w.restart();
  ASSERT_EQ(w.shot()->waivers.size(), 1u);
  EXPECT_EQ(w.command("unwaive", of("192.0.2.9")).exit_code, 6) << "nothing to take back";
}

TEST(Waive, EndsWithTheExpectedSetThatItWasGivenFor) {
  World w;
  to_ready_with_alias(w);
  w.command("waive", of("192.0.2.9"));
  std::string plan = kPlan;
  w.command("plan", {{"plan", plan + "\n# the same in other words\n"}});
  EXPECT_EQ(w.shot()->waivers.size(), 1u);
  const std::string mx = "10 mx1.filter.example";
  ASSERT_NE(plan.find(mx), std::string::npos);
  plan.replace(plan.find(mx), mx.size(), "30 mx1.filter.example");
  EXPECT_EQ(w.command("plan", {{"plan", plan}}).status, "done");
  EXPECT_TRUE(w.shot()->waivers.empty());
  w.reports.waived.clear();
  w.restart();
  EXPECT_TRUE(w.reports.waived.empty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
