#include "monitor/propagation/spf_text.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kNow{seconds(100)};

TxtSample sample(bool authority, const char* address, std::vector<std::string> texts,
                 Outcome outcome = Outcome::answered, int at = 1) {
  return {authority,
          authority ? "ns1.shop.example" : "Google",
          *Endpoint::parse(address),
          Time(seconds(at)),
          outcome,
          std::move(texts),
          20,
          {}};
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
    const SpfTextReport report = judge_spf_text({{}, {term}}, c.samples, kNow);
    EXPECT_EQ(report.verdict, c.verdict) << c.why;
    EXPECT_EQ(report.why, c.why);
  }
}

TEST(SpfText, TakesTheNewestSampleOfEachServer) {
  const auto report =
      judge_spf_text({{}, {"mx"}},
                     {sample(true, "198.51.100.11", {"v=spf1 mx"}, Outcome::answered, 5),
                      sample(true, "198.51.100.11", {"v=spf1 -all"}, Outcome::answered, 2)},
                     kNow);
  EXPECT_EQ(report.verdict, SpfText::term_present);
  EXPECT_EQ(report.servers.size(), 1u);
  EXPECT_EQ(report.oldest_at, Time(seconds(5)));
}

TEST(SpfViews, SayWhoSeesTheTermAndUntilWhenOthersMayNot) {
  const std::string term = "include:spf.filter.example";
  const std::string now = "v=spf1 mx " + term + " -all", before = "v=spf1 mx -all";
  std::vector<TxtSample> samples = {sample(true, "198.51.100.11", {now}),
                                    sample(false, "8.8.8.8", {now}),
                                    sample(false, "9.9.9.9", {before}, Outcome::answered, 50),
                                    sample(false, "1.1.1.1", {before}, Outcome::answered, 90)};
  auto report = judge_spf_text({{}, {term}}, samples, kNow);
  EXPECT_EQ(report.resolvers, 3);
  EXPECT_EQ(report.seeing, 1);
  EXPECT_EQ(report.current, 1);
  EXPECT_EQ(report.converges_at, Time(seconds(110))) << "the later of both copies' expiries";
  EXPECT_EQ(report.views,
            "1 of 3 resolvers see include:spf.filter.example; not Google (1.1.1.1), Google "
            "(9.9.9.9); 2 hold another record than the authorities, until 00:01:50Z at most");
  samples.push_back(sample(true, "198.51.100.12", {before}));
  report = judge_spf_text({{}, {term}}, samples, kNow);
  EXPECT_FALSE(report.converges_at) << "no expiry mends what the authorities differ about";
  EXPECT_NE(report.views.find("the authorities do not agree"), std::string::npos);
}

TEST(SpfViews, AnIncludesTargetConvergesByItsOwnCopies) {
  const auto of_target = [](const char* address, const char* record, int at) {
    TxtSample made = sample(false, address, {record}, Outcome::answered, at);
    made.name = *DnsName::parse("spf.filter.example");
    made.ttl = 300;
    return made;
  };
  const SpfWish wish{*DnsName::parse("shop.example"), {"+Include:SPF.filter.example"}};
  std::vector<TxtSample> samples = {of_target("8.8.8.8", "v=spf1 ip4:192.0.2.1 -all", 10),
                                    of_target("9.9.9.9", "v=spf1 ip4:192.0.2.1 -all", 20)};
  auto report = judge_spf_text(wish, samples, kNow);
  ASSERT_EQ(report.targets.size(), 1u);
  EXPECT_EQ(report.targets[0].why, "2 of 2 resolvers see one SPF record at spf.filter.example");
  EXPECT_EQ(report.resolvers, 0) << "nothing of the owner's record was asked";
  samples.push_back(of_target("1.1.1.1", "v=spf1 -all", 30));
  report = judge_spf_text(wish, samples, kNow);
  EXPECT_EQ(report.targets[0].converges_at, Time(seconds(330)));
  EXPECT_EQ(report.targets[0].texts, 2);
}

TEST(SpfViews, MacrosNameNoTarget) {
  EXPECT_TRUE(
      include_targets({"include:%{i}._spf.filter.example", "mx", "a:mail.example"}).empty());
}

}  // namespace
}  // namespace mxswitch::monitor
