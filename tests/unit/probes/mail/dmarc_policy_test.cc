#include "probes/mail/dmarc_policy.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

using State = DmarcPolicy::State;

const DmarcAnswer kNothing{"news.shop.example", {"other=1"}, ""};

DmarcAnswer own(std::vector<std::string> texts) {
  return {"news.shop.example", std::move(texts), ""};
}
DmarcAnswer parents(std::vector<std::string> texts) {
  return {"shop.example", std::move(texts), ""};
}

TEST(DmarcPolicy, TheOwnRecordHoldsItsSubdomainPolicyDoesNot) {
  const auto made = dmarc_policy({own({"v=DMARC1; p=quarantine; sp=reject", "other=1"})});
  EXPECT_EQ(made.state, State::found);
  EXPECT_EQ(made.text, "p=quarantine");
  EXPECT_TRUE(made.in_force());
  EXPECT_TRUE(made.warning.empty());
}

TEST(DmarcPolicy, OfTheParentsRecordSpHoldsElseP) {
  auto made = dmarc_policy({kNothing, parents({"v=DMARC1; p=reject; sp=none"})});
  EXPECT_EQ(made.text, "sp=none of shop.example");
  EXPECT_FALSE(made.in_force());
  made = dmarc_policy({kNothing, parents({"v=DMARC1; p=reject; adkim=s"})});
  EXPECT_EQ(made.text, "p=reject of shop.example");
  EXPECT_TRUE(made.in_force());
  EXPECT_TRUE(made.record->strict_dkim);
}

TEST(DmarcPolicy, SaysWhereNothingStands) {
  const auto made = dmarc_policy({kNothing, parents({})});
  EXPECT_EQ(made.state, State::none);
  EXPECT_EQ(made.text, "no policy at _dmarc.news.shop.example or _dmarc.shop.example");
}

TEST(DmarcPolicy, MoreThanOneRecordIsNoneAndLeadsToNoParent) {
  const DmarcAnswer two = own({"v=DMARC1; p=none", "v=DMARC1; p=reject"});
  EXPECT_FALSE(leads_to_parent(two));
  const auto made = dmarc_policy({two, parents({"v=DMARC1; p=reject"})});
  EXPECT_EQ(made.state, State::ignored);
  EXPECT_FALSE(made.in_force());
  EXPECT_EQ(made.warning,
            "_dmarc.news.shop.example: 2 DMARC records stand there, so receivers apply no policy: "
            "leave one");
}

TEST(DmarcPolicy, ABrokenRecordIsNoneAndLeadsToNoParent) {
  for (const char* text : {"v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1; p:reject; sp=reject"}) {
    EXPECT_FALSE(leads_to_parent(own({text}))) << text;
    const auto made = dmarc_policy({own({text})});
    EXPECT_EQ(made.state, State::ignored) << text;
    EXPECT_NE(made.warning.find("mend it"), std::string::npos) << text;
  }
  EXPECT_TRUE(leads_to_parent(own({"v=dmarc1; p=none"}))) << "another version is no DMARC record";
}

TEST(DmarcPolicy, WithReportsWantedABrokenPolicyIsNone) {
  const auto made = dmarc_policy({own({"v=DMARC1; p=maybe; rua=mailto:d@shop.example"})});
  EXPECT_EQ(made.text, "p=none");
  EXPECT_FALSE(made.warning.empty());
}

TEST(DmarcPolicy, ABrokenTagHidesNoPolicyAndIsTold) {
  auto made = dmarc_policy({own({"v=DMARC1; p=reject; fo:0; rua=a; rua=b"})});
  EXPECT_EQ(made.text, "p=reject");
  EXPECT_TRUE(made.in_force());
  EXPECT_EQ(
      made.warning,
      "_dmarc.news.shop.example: \"fo:0\" has no \"=\", rua stands twice; receivers pass over "
      "that and apply the policy: mend the record");
  made = dmarc_policy({kNothing, parents({"v=DMARC1; p=quarantine; sp=maybe"})});
  EXPECT_EQ(made.text, "p=quarantine of shop.example") << "p holds where sp can't be read";
}

TEST(DmarcPolicy, NoAnswerIsNoPolicyOfNone) {
  DmarcAnswer silent = own({});
  silent.error = "no authority answered";
  EXPECT_FALSE(leads_to_parent(silent));
  EXPECT_EQ(dmarc_policy({silent}).state, State::unknown);
  DmarcAnswer silent_parent = parents({});
  silent_parent.error = "no authority answered";
  const auto made = dmarc_policy({kNothing, silent_parent});
  EXPECT_EQ(made.state, State::unknown);
  EXPECT_EQ(made.text, "_dmarc.shop.example: no authority answered");
}

}  // namespace
}  // namespace mxswitch::probes
