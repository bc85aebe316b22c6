#include "probes/mail/dmarc.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

TEST(Dmarc, ReadsPolicyAndAlignment) {
  const auto record = parse_dmarc("v=DMARC1; p=Reject; adkim=s; aspf=R; pct=20;");
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->policy, "reject");
  EXPECT_TRUE(record->strict_dkim);
  EXPECT_FALSE(record->strict_spf);
  EXPECT_EQ(record->percent, 20);
}

TEST(Dmarc, PassesOverWhatReceiversPassOver) {
  for (const char* text : {"v=DMARC1; p=none; pct=101", "v=DMARC1; p=none; pct=x",
                           "v=DMARC1; p=none; unknown=tag", "v = DMARC1 ; p=none"}) {
    const auto record = parse_dmarc(text);
    ASSERT_TRUE(record) << text;
    EXPECT_EQ(record->percent, 100) << text;
  }
  const auto reported = parse_dmarc("v=DMARC1; p=maybe; rua=mailto:d@shop.example");
  ASSERT_TRUE(reported);
  EXPECT_TRUE(reported->assumed_none);
  EXPECT_EQ(reported->policy, "none");
}

TEST(Dmarc, RefusesWhatReceiversIgnore) {
  for (const char* text :
       {"", "p=none; v=DMARC1", "v=dmarc1; p=none", "v=DMARC1", "v=DMARC10; p=none",
        "v=DMARC1; p=maybe", "v=DMARC1; p=none; p=reject", "v=DMARC1 p=none"})
    EXPECT_FALSE(parse_dmarc(text)) << text;
}

}  // namespace
}  // namespace mxswitch::probes
