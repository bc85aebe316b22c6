#include "orchestrator/switchover/relay_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxswitch::orchestrator {
namespace {

std::string fault_of(const std::string& relay, const std::vector<std::string>& names) {
  PlanView plan;
  plan.relay = relay;
  plan.relay_place = "shop.toml:5";
  const auto fault = relay_fault(plan, names);
  return fault ? fault->text() : "";
}

TEST(RelayFault, NamesTheNearestRelay) {
  EXPECT_EQ(fault_of("fliter", {"filter", "other"}),
            "shop.toml:5: name = \"fliter\" is no [[relay]] of mxswitch.toml; did you mean "
            "\"filter\"?");
  EXPECT_THAT(fault_of("x", {"filter", "other"}), testing::EndsWith("write one of filter, other"));
  EXPECT_THAT(fault_of("x", {}), testing::EndsWith("add a [[relay]] there, or leave the name out"));
}

TEST(RelayFault, APlanWithoutANameMeansTheOnlyRelay) {
  EXPECT_EQ(fault_of("filter", {"filter", "other"}), "");
  EXPECT_EQ(fault_of("", {"filter"}), "");
  EXPECT_EQ(fault_of("", {}), "");
  EXPECT_EQ(fault_of("", {"filter", "other"}),
            "shop.toml:5: the plan does not say which relay it means; add [relay] name: one of "
            "filter, other");
}

}  // namespace
}  // namespace mxswitch::orchestrator
