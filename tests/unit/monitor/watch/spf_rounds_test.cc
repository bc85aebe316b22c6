#include "monitor/watch/spf_rounds.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kStart{seconds(1'000'000)};
const char* kBefore = "v=spf1 ip4:192.0.2.25 -all";
const char* kAfter = "v=spf1 include:spf.filter.example ~all";

TxtSample sample(bool authority, const char* address, const char* record) {
  TxtSample made;
  made.from_authority = authority;
  made.server = authority ? "ns1" : "Quad9";
  made.endpoint = *Endpoint::parse(address);
  made.received_at = kStart;
  made.outcome = Outcome::answered;
  made.texts = {record, "other=1"};
  made.ttl = 3600;
  return made;
}

SpfEvaluation evaluated(const SpfRound& round, Time at, Duration life) {
  SpfEvaluation made;
  made.from_authority = round.from_authority;
  made.resolver = round.resolver;
  made.record = round.record;
  made.at = at;
  made.expires_at = at + life;
  return made;
}

SpfRounds rounds() { return SpfRounds(Policy(), SpfMove()); }

TEST(SpfRounds, AuthoritiesThatAgreeShareOneResolversHaveTheirOwn) {
  SpfRounds spf = rounds();
  spf.follow({sample(true, "198.51.100.11", kAfter), sample(true, "198.51.100.12", kAfter),
              sample(false, "9.9.9.9", kBefore), sample(false, "8.8.8.8", kAfter)},
             TxtPhase::draining, kStart);
  EXPECT_EQ(spf.take_due(kStart).size(), 3u);
  EXPECT_TRUE(spf.take_due(kStart).empty()) << "each is under way";
}

TEST(SpfRounds, AreMadeAgainAtOnceForAnotherRecordElseAsAnswersExpire) {
  SpfRounds spf = rounds();
  spf.follow({sample(false, "9.9.9.9", kBefore)}, TxtPhase::draining, kStart);
  const SpfRound first = spf.take_due(kStart).at(0);
  spf.observe(first, evaluated(first, kStart, seconds(600)));
  EXPECT_EQ(spf.next(), kStart + seconds(601));
  spf.follow({sample(false, "9.9.9.9", kAfter)}, TxtPhase::draining, kStart + seconds(20));
  const auto due = spf.take_due(kStart + seconds(20));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].record, kAfter);
  EXPECT_EQ(spf.evaluations().size(), 1u) << "of the farm's other cache";
  spf.follow({sample(false, "9.9.9.9", kAfter)}, TxtPhase::draining, kStart + seconds(2000));
  EXPECT_TRUE(spf.evaluations().empty()) << "what nobody holds any more is forgotten";
}

TEST(SpfRounds, KeepACourteousPace) {
  SpfRounds spf = rounds();
  spf.follow({sample(false, "9.9.9.9", kBefore), sample(true, "198.51.100.11", kBefore)},
             TxtPhase::draining, kStart);
  for (const SpfRound& round : spf.take_due(kStart))
    spf.observe(round, evaluated(round, kStart, seconds(5)));
  EXPECT_EQ(spf.next(), kStart + seconds(120)) << "a short TTL is no reason to hammer";
  const SpfRound resolver{false, *Endpoint::parse("9.9.9.9"), kBefore};
  spf.observe(resolver, evaluated(resolver, kStart, std::chrono::hours(10)));
  const SpfRound authority{true, Endpoint(), kBefore};
  spf.observe(authority, evaluated(authority, kStart, std::chrono::hours(10)));
  EXPECT_EQ(spf.next(), kStart + seconds(300)) << "no TTL runs at the authorities";
  SpfEvaluation failed = evaluated(resolver, kStart, std::chrono::hours(10));
  failed.cells = {{probes::spf::SpfResult::temperror, "", 0, 0}};
  spf.observe(resolver, failed);
  EXPECT_EQ(spf.next(), kStart + seconds(30)) << "a missing answer is asked for again";
  spf.observe(resolver, evaluated(resolver, kStart, std::chrono::hours(10)));
  spf.follow({sample(false, "9.9.9.9", kBefore)}, TxtPhase::near, kStart);
  EXPECT_EQ(spf.next(), kStart + seconds(300)) << "near the switch facts must be fresh";
}

TEST(SpfRounds, AskNothingWhereThereIsNotOneRecord) {
  SpfRounds spf = rounds();
  TxtSample two = sample(false, "9.9.9.9", kBefore);
  two.texts.push_back(kAfter);
  TxtSample silent = sample(false, "8.8.8.8", kBefore);
  silent.outcome = Outcome::timed_out;
  spf.follow({two, silent}, TxtPhase::draining, kStart);
  EXPECT_TRUE(spf.take_due(kStart).empty());
  EXPECT_FALSE(spf.next());
}

TEST(SpfRounds, ResolversThatAgreeHoldOneTraceTheNewest) {
  SpfRounds spf = rounds();
  spf.follow({sample(false, "9.9.9.9", kBefore), sample(false, "8.8.8.8", kBefore)},
             TxtPhase::draining, kStart);
  const auto traced = [](const SpfRound& round, const char* why) {
    SpfEvaluation made = evaluated(round, kStart, seconds(60));
    made.cells = {{probes::spf::SpfResult::fail, why, 1, 0,
                   std::make_shared<const probes::spf::TraceTerm>()}};
    return made;
  };
  const auto due = spf.take_due(kStart);
  for (const SpfRound& round : due) spf.observe(round, traced(round, ""));
  auto made = spf.evaluations();
  EXPECT_EQ(made[0].cells[0].trace, made[1].cells[0].trace);
  spf.observe(due[0], traced(due[0], "otherwise"));
  made = spf.evaluations();
  EXPECT_NE(made[0].cells[0].trace, made[1].cells[0].trace) << "another outcome has its own";
}

TEST(SpfRounds, WhatAnEarlierProcessMadeIsMadeAgainWhenItIsDue) {
  SpfRounds spf = rounds();
  const SpfRound round{false, *Endpoint::parse("9.9.9.9"), kBefore};
  spf.restore({evaluated(round, kStart, seconds(600))});
  spf.follow({sample(false, "9.9.9.9", kBefore)}, TxtPhase::draining, kStart + seconds(5));
  EXPECT_TRUE(spf.take_due(kStart + seconds(5)).empty());
  EXPECT_EQ(spf.take_due(kStart + seconds(601)).size(), 1u);
}

}  // namespace
}  // namespace mxswitch::monitor
