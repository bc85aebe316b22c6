#include "orchestrator/relay_agent/srs.h"

#include <gtest/gtest.h>

namespace mxswitch::orchestrator {
namespace {

const Time kNow{std::chrono::hours(500000)};
const SenderRewriting kOurs("mx1.filter.example", "secret");

std::string local_part(const std::string& address) { return address.substr(0, address.find('@')); }

TEST(SenderRewriting, GoesThereAndBack) {
  const auto there = kOurs.rewrite("Ann+x", "Outside.example", kNow);
  ASSERT_TRUE(there);
  EXPECT_TRUE(there->starts_with("srs0="));
  EXPECT_TRUE(there->ends_with("=outside.example=ann+x@mx1.filter.example"));
  EXPECT_EQ(kOurs.restore(local_part(*there), kNow), "ann+x@outside.example");
  EXPECT_EQ(kOurs.restore(local_part(*there), kNow + std::chrono::days(21)),
            "ann+x@outside.example");
  EXPECT_FALSE(kOurs.restore(local_part(*there), kNow + std::chrono::days(22)));
}

TEST(SenderRewriting, LeadsBackToTheFirstForwarder) {
  const SenderRewriting first("first.example", "other secret");
  const auto once = *first.rewrite("ann", "outside.example", kNow);
  const auto twice = kOurs.rewrite(local_part(once), "first.example", kNow);
  ASSERT_TRUE(twice);
  EXPECT_TRUE(twice->starts_with("srs1="));
  EXPECT_EQ(kOurs.restore(local_part(*twice), kNow), once);
}

TEST(SenderRewriting, RelaysForNobodyElse) {
  const auto there = *kOurs.rewrite("ann", "outside.example", kNow);
  auto forged = local_part(there);
  forged.replace(forged.find("outside"), 7, "victims");
  for (const auto& name : {forged, std::string("srs0="), std::string("srs0=0000000000=1=a=b"),
                           std::string("ann"), std::string("srs1=x=y"), std::string()}) {
    EXPECT_FALSE(kOurs.restore(name, kNow)) << name;
  }
  EXPECT_FALSE(SenderRewriting("mx1.filter.example", "x").restore(local_part(there), kNow));
}

TEST(SenderRewriting, LeavesWhatItCanNotCarry) {
  EXPECT_FALSE(kOurs.rewrite("\"a b\"", "outside.example", kNow));
  EXPECT_FALSE(kOurs.rewrite("", "outside.example", kNow));
  EXPECT_FALSE(kOurs.rewrite("a", "out side", kNow));
  EXPECT_FALSE(kOurs.rewrite("a", "mx1.filter.example", kNow));
  EXPECT_FALSE(SenderRewriting("", "secret").rewrite("a", "outside.example", kNow));
}

}  // namespace
}  // namespace mxswitch::orchestrator
