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

// One broken tag takes no policy away: receivers reject mail by what else stands there.
TEST(Dmarc, ABrokenTagHidesNoPolicy) {
  const struct {
    const char *text, *fault;
  } kRows[] = {
      {"v=DMARC1; p=reject; fo:0", "\"fo:0\" has no \"=\""},
      {"v=DMARC1; fo:0; p=reject", "\"fo:0\" has no \"=\""},
      {"v=DMARC1; p=reject; rua=mailto:a@b.example; rua=mailto:c@d.example", "rua stands twice"},
      {"v=DMARC1; p=reject; 1fo=0", "\"1fo\" is no name of a tag"},
      {"v=DMARC1; p=reject; =0", "\"\" is no name of a tag"},
      {"v=DMARC1; p=reject; rua=mailto:gr\xc3\xbc@b.example",
       "tag rua holds what is no visible character"},
      {"v=DMARC1; p=reject; \xff", "\"\xff\" has no \"=\""},
      {"v=DMARC1; p=reject; sp=maybe", "sp=\"maybe\" is no policy"},
      {"v=DMARC1; p=none; p=reject", "p stands twice"},
      {"v=DMARC1; p=reject; p=none", "p stands twice"},
      {"v=DMARC1; p=maybe; p=reject", "p=\"maybe\" is no policy"},
      {"v=DMARC1; p=reject; v=DMARC1", "v stands twice"},
      {"v=DMARC1; P=Reject; pct=50; pct=100", "pct stands twice"},
  };
  for (const auto& row : kRows) {
    const auto record = parse_dmarc(row.text);
    ASSERT_TRUE(record) << row.text;
    EXPECT_EQ(record->policy, "reject") << row.text;
    ASSERT_FALSE(record->passed_over.empty()) << row.text;
    EXPECT_EQ(record->passed_over.front(), row.fault) << row.text;
  }
  for (const char* text : {"v=DMARC1;; p=reject;;", "v=DMARC1; ; p=reject; unknown=tag"}) {
    const auto record = parse_dmarc(text);
    ASSERT_TRUE(record) << text;
    EXPECT_EQ(record->policy, "reject") << text;
    EXPECT_TRUE(record->passed_over.empty()) << text;
  }
  const auto doubled = parse_dmarc("v=DMARC1; p=reject; adkim=r; adkim=s; aspf=x");
  EXPECT_TRUE(doubled->strict_dkim);
  EXPECT_FALSE(doubled->strict_spf);
  const std::string long_one = "v=DMARC1; x=" + std::string(9000, 'y') + "; p=reject";
  EXPECT_EQ(parse_dmarc(long_one)->policy, "reject");
}

TEST(Dmarc, RefusesWhatReceiversIgnore) {
  for (const char* text :
       {"", "p=none; v=DMARC1", "v=dmarc1; p=none", "v=DMARC1", "v=DMARC10; p=none",
        "v=DMARC1; p=maybe", "v=DMARC1; p:reject", "v=DMARC1; rua=; p=maybe", "v=DMARC1 p=none"})
    EXPECT_FALSE(parse_dmarc(text)) << text;
}

}  // namespace
}  // namespace mxswitch::probes
