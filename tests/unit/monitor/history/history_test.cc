#include "monitor/history/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const MxSet kOld = MxSet::parse("10 mail.shop.example").value();
const MxSet kNew = MxSet::parse("10 mx1.filter.example").value();

AuthoritySample answer(const MxSet& set, Time at) {
  AuthoritySample sample;
  sample.server = DnsName::parse("ns1.shop.example").value();
  sample.endpoint = Endpoint::parse("198.51.100.11").value();
  sample.sent_at = at - Duration(20);
  sample.received_at = at;
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.set = set;
  sample.ttl = 3600;
  return sample;
}

class HistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    PropagationInput input;
    input.owner = DnsName::parse("shop.example").value();
    input.expected = kNew;
    history.begin(input, lists, kStart, std::nullopt);
    history.take();
  }
  void note(const AuthoritySample& sample, bool material = false) {
    history.note(sighting_of(sample), material, true);
  }
  std::vector<ObservationRow> runs() {
    std::vector<ObservationRow> all = history.take();
    std::erase_if(all, [](const ObservationRow& row) { return !row.is_run(); });
    return all;
  }

  ListIndex lists;
  History history;
};

TEST_F(HistoryTest, ADayOfEqualAnswersIsOneRowOfAFewSamples) {
  for (int i = 0; i < 288; ++i) note(answer(kOld, kStart + seconds(300) * i), i == 0);
  const auto rows = runs();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].count, 288u);
  EXPECT_EQ(rows[0].largest_gap, seconds(300));
  EXPECT_EQ(rows[0].first_at, kStart);
  EXPECT_EQ(rows[0].last_at, kStart + seconds(300) * 287);
  EXPECT_LE(rows[0].moments.size(), 8u);
  std::uint64_t told = 0;
  for (const Moment& moment : rows[0].moments) told += 1 + moment.repeats;
  EXPECT_EQ(told, 288u) << "what is not kept is counted";
}

TEST_F(HistoryTest, AServerThatSignsEachAnswerAnewSaysNothingNewByThat) {
  for (int i = 0; i < 20; ++i) {
    AuthoritySample sample = answer(kNew, kStart + seconds(300) * i);
    sample.signatures_asked = true;
    sample.signature =
        SignatureSpan{sample.received_at - seconds(60), sample.received_at + seconds(60)};
    note(sample);
  }
  AuthoritySample late = answer(kNew, kStart + seconds(9000));
  late.signatures_asked = true;
  late.signature = SignatureSpan{kStart, kStart + seconds(60)};
  note(late);
  const auto rows = runs();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].count, 20u);
}

TEST_F(HistoryTest, AReplayJudgesASignatureAsItWasJudged) {
  for (const bool holds : {true, false}) {
    PropagationInput input;
    input.owner = DnsName::parse("shop.example").value();
    input.expected = kNew;
    AuthoritySample sample = answer(kNew, kStart + seconds(600));
    sample.signatures_asked = true;
    sample.signature = SignatureSpan{kStart, kStart + seconds(holds ? 900 : 300)};
    Propagation replayed(input, kStart);
    replayed.set_endpoints({{sample.server, sample.endpoint}}, kStart, {}, seconds(0), true);
    ASSERT_TRUE(feed(replayed, sighting_of(sample)));
    const auto report = replayed.report(sample.received_at);
    const auto& reasons = report.a.reasons;
    ASSERT_FALSE(reasons.empty());
    EXPECT_EQ(reasons.front().code, holds ? "authority-rounds" : "authority-signature");
    const bool dated = reasons.front().text.find("00:05") != std::string::npos;
    EXPECT_EQ(dated, !holds) << reasons.front().text;
  }
}

TEST_F(HistoryTest, WhatTaughtTheCoresSomethingStaysWithWhatCameBefore) {
  for (int i = 0; i < 50; ++i) note(answer(kOld, kStart + seconds(300) * i));
  note(answer(kNew, kStart + seconds(15000)), true);
  for (int i = 0; i < 50; ++i) note(answer(kNew, kStart + seconds(15300 + 300 * i)));
  const auto rows = runs();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].open) << "another set of the same site ends a run";
  EXPECT_EQ(rows[0].moments.back().received_at, kStart + seconds(300) * 49)
      << "the last old answer before the first new one";
  EXPECT_EQ(rows[1].moments.front().received_at, kStart + seconds(15000));
}

TEST_F(HistoryTest, ALostPollDoesNotEndARun) {
  AuthoritySample lost = answer(MxSet(), kStart + seconds(300));
  lost.outcome = Outcome::timed_out;
  lost.authoritative = false;
  note(answer(kOld, kStart));
  note(lost);
  note(answer(kOld, kStart + seconds(600)));
  const auto rows = runs();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].count, 2u);
  EXPECT_EQ(rows[0].largest_gap, seconds(600));
}

TEST_F(HistoryTest, ASerialThatOnlySomePollsAskForIsOfTheSameRun) {
  AuthoritySample first = answer(kOld, kStart);
  first.serial = 7;
  first.soa_expire = 604800;
  note(first);
  note(answer(kOld, kStart + seconds(300)));
  auto rows = runs();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(rows[0].body).at("serial"), 7);

  // A later process goes on with the same row.
  History later = History::restore(history.head(PropagationReport()), rows);
  later.note(sighting_of(answer(kOld, kStart + seconds(600))), false, true);
  rows = later.take();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].count, 3u);
  first.serial = 8;
  first.received_at += seconds(900);
  later.note(sighting_of(first), false, true);
  EXPECT_EQ(later.take().size(), 1u) << "another serial is another run, the first did not change";
}

TEST_F(HistoryTest, RowsThatCouldNotBeKeptAreHandedOutAgainInTheirNewestForm) {
  note(answer(kOld, kStart), true);
  auto rows = history.take();
  ASSERT_EQ(history.urgent(), 0u);
  history.put_back(std::move(rows));
  EXPECT_EQ(history.urgent(), 1u);
  note(answer(kOld, kStart + seconds(30)));
  rows = runs();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].count, 2u);

  history.put_back(std::move(rows));
  note(answer(kNew, kStart + seconds(60)), true);  // ends the run that is to be kept yet
  rows = runs();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].open);
  EXPECT_EQ(rows[0].count, 2u);
}

TEST_F(HistoryTest, AnEqualVerdictIsNoRowAndAnotherReasonIs) {
  PropagationReport report;
  report.verdict = Verdict::hold;
  report.reasons = {{"caches", "ns1 served it", {}}};
  history.follow(report);
  report.at += seconds(5);
  report.reasons = {{"caches", "in other words", {}}, {"caches", "twice", {}}};
  history.follow(report);
  EXPECT_EQ(history.take().size(), 1u);
  report.reasons.push_back({"samples", "3 of 23", {}});
  history.follow(report);
  const auto rows = history.take();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(gist_from_json(nlohmann::json::parse(rows[0].body)), gist_of(report));
}

TEST_F(HistoryTest, AnEqualPlanIsNoEvent) {
  PropagationInput input;
  input.owner = DnsName::parse("shop.example").value();
  input.expected = kNew;
  history.plan(input, lists, kStart, std::nullopt);
  EXPECT_TRUE(history.take().empty());
  input.expected = kOld;
  history.plan(input, lists, kStart, nlohmann::json::object());
  const auto rows = history.take();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].mark, Mark::anchor);
}

TEST(Moments, SurviveTheirText) {
  const std::vector<Moment> kMoments = {{5, kStart, Duration(20), 3600, 0},
                                        {9, kStart - seconds(1), Duration(0), 0, 17}};
  EXPECT_EQ(*parse_moments(moments_text(kMoments)), kMoments);
  EXPECT_TRUE(parse_moments("")->empty());
  for (const char* bad : {"1", "1,2,3,4", "1,2,3,4,5", "1,2,3,-4,5;", "1,2,3,4,99999999999;", "x;"})
    EXPECT_FALSE(parse_moments(bad)) << bad;
}

}  // namespace
}  // namespace mxswitch::monitor
