#include "probes/spf/terms.h"

#include <gtest/gtest.h>

namespace mxswitch::probes::spf {
namespace {

TEST(SpfTerm, ComparesByTheGrammarNotByTheBytes) {
  struct Case {
    const char *record, *term;
    bool found;
  };
  const Case cases[] = {
      {"v=spf1 include:spf.filter.example -all", "include:spf.filter.example", true},
      {"V=SPF1  INCLUDE:SPF.filter.example. -all", "include:spf.filter.example", true},
      {"v=spf1 +include:spf.filter.example ~all", "include:spf.filter.example", true},
      {"v=spf1 include:spf.filter.example ~all", "+include:spf.filter.example", true},
      {"v=spf1 ?include:spf.filter.example ~all", "include:spf.filter.example", false},
      {"v=spf1 include:spf.filter.example.org -all", "include:spf.filter.example", false},
      {"v=spf1 -all", "v=spf1", false},
      {"v=spf10 include:a.example", "include:a.example", false},
      {"", "include:a.example", false},
  };
  for (const Case& c : cases) EXPECT_EQ(record_has_term(c.record, c.term), c.found) << c.record;
}

TEST(SpfTerm, CountsOnlyWhereItStandsItself) {
  EXPECT_TRUE(same_term("+A:mail.example.", "a:MAIL.example"));
  EXPECT_FALSE(same_term("-a:mail.example", "a:mail.example"));
  EXPECT_TRUE(has_term({"mx", "~All"}, "~all"));
  EXPECT_FALSE(has_term({"mx", "~all"}, "-all"));
}

TEST(SpfTerm, TheCaseOfAMacroLetterIsPartOfIt) {
  EXPECT_FALSE(same_term("exists:%{L}.x.example", "exists:%{l}.x.example"));
  EXPECT_TRUE(same_term("EXISTS:%{L1R}.X.example", "exists:%{L1r}.x.example"));
}

TEST(SpfTerm, ARequiredTermHasNoQualifierButPass) {
  EXPECT_TRUE(parse_mechanism("+include:x.example"));
  for (const char* term : {"-include:x.example", "~mx", "?a"})
    EXPECT_FALSE(parse_mechanism(term)) << term;
}

}  // namespace
}  // namespace mxswitch::probes::spf
