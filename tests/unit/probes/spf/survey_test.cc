#include "probes/spf/survey.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "probes/spf/lint.h"
#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

Survey surveyed(TableView& view, const std::string& as_if = "") {
  Survey made;
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        if (as_if.empty())
          made = co_await survey(view, "shop.example", view.clock);
        else
          made = co_await survey_as_if(view, "shop.example", as_if, view.clock);
      },
      asio::detached);
  loop.run();
  return made;
}

bool finds(const Survey& survey, const std::string& code, Finding::Level level) {
  const auto found = lint(survey);
  return std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
    return finding.code == code && finding.level == level;
  });
}

using Level = Finding::Level;

TEST(Survey, FollowsWhatTheRecordLeadsTo) {
  TableView view;
  view.add(
      "shop.example", RrType::txt,
      {text("v=spf1 include:in.example include:%{o}.example redirect=to.%{d}"), text("other")});
  view.add("in.example", RrType::txt, {text("v=spf1 include:shop.example -all")});
  view.add("to.shop.example", RrType::txt, {text("v=spf1 -all include:never.example")});
  const Survey made = surveyed(view);
  ASSERT_EQ(made.root.leads_to.size(), 3u);
  EXPECT_TRUE(made.root.leads_to[0].leads_to[0].looped);
  EXPECT_TRUE(made.root.leads_to[1].by_macro);
  EXPECT_EQ(made.root.leads_to[2].domain, "to.shop.example");
  EXPECT_TRUE(made.root.leads_to[2].leads_to.empty()) << "after all";
  EXPECT_TRUE(finds(made, "loop", Level::error));
  EXPECT_EQ(worst_case(made.root).lookups, 4);
  EXPECT_TRUE(worst_case(made.root).at_least);
}

TEST(Survey, CountsTheVoidsOfAStrangerForBothFamilies) {
  TableView view;
  view.add("shop.example", RrType::txt,
           {text("v=spf1 a mx exists:%{i}.ok.example a:gone.example -all")});
  view.add("shop.example", RrType::a, {address("192.0.2.1")});
  view.add("shop.example", RrType::mx, {exchange("mx.shop.example")});
  view.add("mx.shop.example", RrType::a, {address("192.0.2.2")});
  const Cost cost = worst_case(surveyed(view).root);
  EXPECT_EQ(cost.voids_v4, 2) << "exists and gone.example";
  EXPECT_EQ(cost.voids_v6, 4);
  EXPECT_TRUE(finds(surveyed(view), "too-many-voids", Level::error));
  view.add("shop.example", RrType::txt, {text("v=spf1 a mx ip4:192.0.2.7 -all")});
  EXPECT_TRUE(finds(surveyed(view), "near-void-limit", Level::warning));
  view.add("shop.example", RrType::aaaa, {address("2001:db8::1")});
  view.add("mx.shop.example", RrType::aaaa, {address("2001:db8::2")});
  EXPECT_EQ(worst_case(surveyed(view).root).voids(), 0);
}

TEST(Survey, SeesAnExplanationThatIsMissingDoubleOrMalformed) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 -all exp=why.%{d}")});
  EXPECT_TRUE(finds(surveyed(view), "explanation", Level::warning));
  view.add("why.shop.example", RrType::txt, {text("one"), text("two")});
  EXPECT_TRUE(finds(surveyed(view), "explanation", Level::warning));
  view.add("why.shop.example", RrType::txt, {text("100 %")});
  EXPECT_TRUE(finds(surveyed(view), "explanation", Level::warning));
  view.add("why.shop.example", RrType::txt, {text("100 %%")});
  EXPECT_FALSE(finds(surveyed(view), "explanation", Level::warning));
}

TEST(Survey, SeesTheRetiredTypeAndMissingOrManyRecords) {
  TableView view;
  EXPECT_TRUE(finds(surveyed(view), "no-record", Level::error));
  view.add("shop.example", RrType::txt, {text("v=spf1 -all"), text("v=spf1 mx -all")});
  view.add("shop.example", RrType::spf, {text("v=spf1 -all")});
  EXPECT_TRUE(finds(surveyed(view), "many-records", Level::error));
  EXPECT_TRUE(finds(surveyed(view), "type99", Level::note));
  view.silence("shop.example", RrType::txt);
  EXPECT_TRUE(finds(surveyed(view), "no-answer", Level::warning));
}

TEST(Survey, SeesARecordThatIsTooLong) {
  TableView view;
  const auto of_size = [](std::size_t octets) {
    std::string record = "v=spf1";
    while (record.size() + 5 + 20 <= octets) record += " ip4:192.0.2.0/24";
    return record + std::string(octets - record.size() - 5, ' ') + " -all";
  };
  EXPECT_TRUE(finds(surveyed(view, of_size(256)), "size", Level::note));
  EXPECT_FALSE(finds(surveyed(view, of_size(255)), "size", Level::note));
  EXPECT_TRUE(finds(surveyed(view, of_size(451)), "size", Level::warning));
  EXPECT_FALSE(finds(surveyed(view, of_size(450)), "size", Level::warning));
  const auto over = lint(surveyed(view, of_size(513)));
  EXPECT_NE(over[0].text.find("fits no answer of 512"), std::string::npos);
}

TEST(Survey, WhatIsNotPublishedYetIsSurveyedAlike) {
  TableView view;
  view.add("in.example", RrType::txt, {text("v=spf1 a:h.example -all")});
  const Cost cost = worst_case(surveyed(view, "v=spf1 include:in.example -all").root);
  EXPECT_EQ(cost.lookups, 2);
  EXPECT_EQ(cost.voids(), 1);
}

}  // namespace
}  // namespace mxswitch::probes::spf
