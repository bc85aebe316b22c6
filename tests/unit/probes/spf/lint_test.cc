#include "probes/spf/lint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "probes/spf/propose.h"

namespace mxswitch::probes::spf {
namespace {

Published published(const std::vector<std::string>& strings, const std::string& term = "") {
  Published made;
  made.domain = term.empty() ? "shop.example" : term.substr(term.find(':') + 1);
  made.term = term;
  made.outcome = Lookup::Outcome::found;
  made.texts.push_back(Txt{strings});
  auto record = parse_record(made.texts[0].joined());
  if (record)
    made.record = std::move(*record);
  else
    made.syntax_error = record.error().text();
  return made;
}

std::vector<std::string> codes(const Survey& survey) {
  std::vector<std::string> found;
  for (const Finding& finding : lint(survey)) found.push_back(finding.code);
  return found;
}

std::vector<std::string> codes_of(const std::string& record) {
  Survey survey;
  survey.root = published({record});
  return codes(survey);
}

TEST(Lint, NamesWhatIsWrongInOneRecord) {
  struct Case {
    const char *record, *code;
  };
  for (const Case& c :
       {Case{"v=spf1 mx +all", "plus-all"}, Case{"v=spf1 mx ?all", "neutral-all"},
        Case{"v=spf1 mx", "no-all"}, Case{"v=spf1 -all mx", "after-all"},
        Case{"v=spf1 -all redirect=a.example", "redirect-beside-all"},
        Case{"v=spf1 ptr -all", "ptr"}, Case{"v=spf1 ip4:10.0.0.0/8 -all", "wide-range"},
        Case{"v=spf1 ip6:2001::/16 -all", "wide-range"},
        Case{"v=spf1 include=a.example -all", "equals-for-colon"},
        Case{"v=spf1 ip4:1.2.3 -all", "syntax"}}) {
    const auto found = codes_of(c.record);
    EXPECT_EQ(std::count(found.begin(), found.end(), c.code), 1) << c.record;
  }
  EXPECT_TRUE(codes_of("v=spf1 ip4:192.0.2.0/24 mx -all").empty());
}

TEST(Lint, CountsTheWorstCaseOverTheTree) {
  Survey survey;
  survey.root = published({"v=spf1 mx a include:in.example -all"});
  survey.root.leads_to.push_back(published(
      {"v=spf1 a:1.x.example a:2.x.example a:3.x.example a:4.x.example exists:5.x.example "
       "mx:6.x.example -all"},
      "include:in.example"));
  EXPECT_EQ(worst_case(survey.root).lookups, 9);
  EXPECT_EQ(codes(survey), std::vector<std::string>{"near-limit"});
  survey.root.leads_to[0] = published({"v=spf1 a:1.x.example a:2.x.example a:3.x.example "
                                       "a:4.x.example a:5.x.example a:6.x.example a:7.x.example "
                                       "a:8.x.example -all"},
                                      "include:in.example");
  EXPECT_EQ(codes(survey), std::vector<std::string>{"too-many-lookups"});
}

TEST(Lint, SeesTermsThatAStringBoundaryGlues) {
  Survey survey;
  survey.root = published({"v=spf1 include:a.example", "include:b.example -all"});
  EXPECT_EQ(codes(survey), std::vector<std::string>{"glued"});
  survey.root = published({"v=spf1 include:a.example ", "include:b.example -all"});
  EXPECT_TRUE(codes(survey).empty());
}

TEST(Lint, SeesIncludesThatLoopLeadNowhereOrStandTwice) {
  Survey survey;
  survey.root = published({"v=spf1 include:a.example include:a.example include:b.example -all"});
  survey.root.leads_to = {published({"v=spf1 -all"}, "include:a.example"),
                          published({"v=spf1 -all"}, "include:a.example"), Published{}};
  survey.root.leads_to[2].term = "include:b.example";
  survey.root.leads_to[2].outcome = Lookup::Outcome::no_data;
  const auto found = codes(survey);
  EXPECT_EQ(std::count(found.begin(), found.end(), "twice"), 1);
  EXPECT_EQ(std::count(found.begin(), found.end(), "no-record"), 1);
  survey.root.leads_to[2].looped = true;
  EXPECT_EQ(codes(survey).front(), "loop") << "errors come first";
}

TEST(Propose, MergesIntoTheRecordThatIsThere) {
  struct Case {
    const char *published, *proposed;
  };
  const std::string required = "include:spf.filter.example";
  for (const Case& c :
       {Case{"v=spf1 mx -all", "v=spf1 mx include:spf.filter.example -all"},
        Case{"v=spf1 mx", "v=spf1 mx include:spf.filter.example ~all"},
        Case{"v=spf1 INCLUDE:SPF.filter.example. ~all", "v=spf1 INCLUDE:SPF.filter.example. ~all"},
        Case{"v=spf1 ?include:spf.filter.example -all", "v=spf1 include:spf.filter.example -all"},
        Case{"v=spf1 -all include:spf.filter.example", "v=spf1 include:spf.filter.example -all"},
        Case{"v=spf1 redirect=a.example", "v=spf1 include:spf.filter.example redirect=a.example"},
        Case{"v=spf1 mx -all exp=e.example",
             "v=spf1 mx include:spf.filter.example -all exp=e.example"}}) {
    const auto proposal = propose(published({c.published}), {required});
    ASSERT_TRUE(proposal) << proposal.error().text();
    EXPECT_EQ(proposal->record, c.proposed);
    EXPECT_EQ(proposal->unchanged, std::string(c.published) == c.proposed) << c.published;
  }
}

TEST(Propose, MakesOneOfNoneOrTwo) {
  Published none;
  EXPECT_EQ(propose(none, {"include:spf.filter.example"})->record,
            "v=spf1 include:spf.filter.example ~all");
  Published two = published({"v=spf1 mx -all"});
  two.texts.push_back(Txt{{"v=spf1 a MX ~all"}});
  EXPECT_EQ(propose(two, {"include:spf.filter.example"})->record,
            "v=spf1 mx a include:spf.filter.example -all");
}

TEST(Propose, RefusesWhatItCannotDo) {
  for (const char* term : {"all", "-all", "redirect=a.example", "nonsense", "mx -all", ""})
    EXPECT_FALSE(propose(Published{}, {term})) << term;
  EXPECT_FALSE(propose(published({"v=spf1 ip4:1.2.3 -all"}), {"mx"}));
}

}  // namespace
}  // namespace mxswitch::probes::spf
