#include "monitor/propagation/spf_text.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
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
  for (const Case& c : cases) EXPECT_EQ(spf_has_term(c.record, c.term), c.found) << c.record;
}

TxtSample sample(bool authority, const char* address, std::vector<std::string> texts,
                 Outcome outcome = Outcome::answered, int at = 1) {
  return {authority,
          authority ? "ns1.shop.example" : "Google",
          *Endpoint::parse(address),
          Time(seconds(at)),
          outcome,
          std::move(texts),
          20};
}

TEST(SpfText, IsAsGoodAsTheWorstServer) {
  const std::string term = "include:spf.filter.example";
  const auto good = sample(true, "198.51.100.11", {"other", "v=spf1 " + term + " -all"});
  struct Case {
    std::vector<TxtSample> samples;
    SpfText verdict;
    const char* why;
  };
  const Case cases[] = {
      {{}, SpfText::unknown, "no authoritative server answered about TXT"},
      {{sample(false, "8.8.8.8", {"v=spf1 " + term})},
       SpfText::unknown,
       "no authoritative server answered about TXT"},
      {{good, sample(false, "8.8.8.8", {"v=spf1 " + term})},
       SpfText::term_present,
       "one SPF record with \"include:spf.filter.example\" at all 2 servers"},
      {{good, sample(false, "8.8.8.8", {"v=spf1 -all"})},
       SpfText::term_missing,
       "Google (8.8.8.8) has one SPF record without \"include:spf.filter.example\""},
      {{good, sample(false, "8.8.8.8", {"hello"})},
       SpfText::no_record,
       "Google (8.8.8.8) has no SPF record"},
      {{good, sample(false, "8.8.8.8", {"v=spf1 a", "v=spf1 mx"})},
       SpfText::many_records,
       "Google (8.8.8.8) has 2 SPF records, one is allowed (RFC 7208 4.5)"},
      {{good, sample(false, "8.8.8.8", {}, Outcome::nxdomain)},
       SpfText::no_record,
       "Google (8.8.8.8) has no SPF record"},
      {{good, sample(false, "8.8.8.8", {}, Outcome::refused)},
       SpfText::unknown,
       "Google (8.8.8.8) gave no usable answer about TXT"},
  };
  for (const Case& c : cases) {
    const SpfTextReport report = judge_spf_text(term, c.samples);
    EXPECT_EQ(report.verdict, c.verdict) << c.why;
    EXPECT_EQ(report.why, c.why);
  }
}

TEST(SpfText, TakesTheNewestSampleOfEachServer) {
  const auto report =
      judge_spf_text("mx", {sample(true, "198.51.100.11", {"v=spf1 mx"}, Outcome::answered, 5),
                            sample(true, "198.51.100.11", {"v=spf1 -all"}, Outcome::answered, 2)});
  EXPECT_EQ(report.verdict, SpfText::term_present);
  EXPECT_EQ(report.servers.size(), 1u);
  EXPECT_EQ(report.oldest_at, Time(seconds(5)));
}

}  // namespace
}  // namespace mxswitch::monitor
