// After a restart the gate's matrix stands as before: from what was kept, no older than its
// validity.
#include "monitor/watch/spf_keep.h"

#include <gtest/gtest.h>

#include "monitor/watch/agenda.h"

namespace mxswitch::monitor {
namespace {

using probes::spf::SpfResult;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const char* kRecord = "v=spf1 include:spf.filter.example ~all";
const char* kOldRecord = "v=spf1 ip4:192.0.2.25 -all";

ClockReading clock_at(Time now, const char* boot = "boot") {
  return {now, now, now - kStart, boot, true, Duration(1)};
}

class SpfKeep : public testing::Test {
 protected:
  SpfKeep() {
    std::vector<probes::Resolver> list(3);
    for (std::size_t i = 0; i < list.size(); ++i) {
      list[i].endpoint = *Endpoint::parse("9.9.9." + std::to_string(i + 1));
      list[i].operator_name = "Operator " + std::to_string(i + 1);
    }
    owner.input.owner = *DnsName::parse("shop.example");
    owner.input.expected = MxSet::parse("10 mx1.filter.example").value();
    owner.input.resolvers = list;
    owner.spf.emplace();
    owner.spf->owner = owner.input.owner;
    owner.spf->required = {"include:spf.filter.example"};
    owner.spf->senders = matrix_senders({*probes::IpAddress::parse("192.0.2.25")},
                                        {*probes::IpAddress::parse("2001:db8::7")});
    watched = start({});
    WalkResult walk;
    for (const char* address : {"198.51.100.11", "198.51.100.12"})
      walk.endpoints.push_back({*DnsName::parse("ns.shop.example"), *Endpoint::parse(address)});
    watched->take(walk, kStart);
    watched->txt->follow(TxtPhase::draining, true, kStart);
  }

  std::unique_ptr<Watched> start(Opening opening) {
    auto made = std::make_unique<Watched>(owner, Propagation(owner.input, kStart));
    made->open(std::move(opening), lists, kStart);
    return made;
  }
  // As a process would that starts at `now`.
  void restart(Time now, const char* boot = "boot") {
    const nlohmann::json state = nlohmann::json::parse(saved().dump());
    Opening opening;
    opening.spf = spf_from_state(state, owner.input, clock_at(now, boot));
    watched = start(std::move(opening));
  }
  nlohmann::json saved() { return watched->state(clock_at(kStart)); }

  void answer(const TxtServer& server, const std::vector<std::string>& texts,
              Outcome outcome = Outcome::answered) {
    TxtSample sample;
    sample.from_authority = server.from_authority;
    sample.server = server.name;
    sample.endpoint = server.endpoint;
    sample.name = server.asked;
    sample.received_at = kStart;
    sample.outcome = outcome;
    sample.texts = texts;
    sample.ttl = 300;
    watched->take(sample);
  }
  void answer_all(const std::string& record = kRecord) {
    for (const TxtServer& server : watched->txt->take_due(kStart)) answer(server, {record, "a=1"});
  }
  void evaluate_all(SpfResult of_new = SpfResult::pass) {
    for (const SpfRound& round : watched->spf->take_due(kStart)) {
      SpfEvaluation made;
      made.from_authority = round.from_authority;
      made.resolver = round.resolver;
      made.record = round.record;
      made.at = kStart;
      made.expires_at = kStart + seconds(200);
      made.senders = owner.spf->senders;
      made.cells = {{SpfResult::pass, "", 1, 0},
                    {of_new, "why", 2, 1},
                    {SpfResult::softfail, "", 2, 0},
                    {SpfResult::softfail, "", 2, 0}};
      made.terms = {{"include:spf.filter.example", SpfEffect::effective, "through a"}};
      made.cost = {9, 1, 2, true};
      watched->take(round, made);
    }
  }

  SpfMatrix matrix(Time now) {
    SpfSeen seen{watched->txt->samples(), watched->spf->evaluations(), watched->txt->unasked()};
    std::erase_if(seen.samples,
                  [&](const TxtSample& sample) { return sample.name != owner.input.owner; });
    return judge_spf_matrix(*owner.spf, seen, {}, false, now);
  }
  // Whether the matrix says the same in every part.
  void expect_same(const SpfMatrix& a, const SpfMatrix& b) {
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.why, b.why);
    EXPECT_EQ(a.observed_at, b.observed_at);
    EXPECT_EQ(a.errors, b.errors);
    EXPECT_EQ(a.warnings, b.warnings);
    EXPECT_EQ(a.unknowns, b.unknowns);
    EXPECT_EQ(a.views, b.views);
    ASSERT_EQ(a.rows.size(), b.rows.size());
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
      EXPECT_EQ(a.rows[i].who(), b.rows[i].who());
      EXPECT_EQ(a.rows[i].faults, b.rows[i].faults);
      EXPECT_EQ(a.rows[i].terms, b.rows[i].terms);
      EXPECT_EQ(a.rows[i].cells.size(), b.rows[i].cells.size());
    }
  }

  WatchedOwner owner;
  ListIndex lists;
  std::unique_ptr<Watched> watched;
};

TEST_F(SpfKeep, TheMatrixStandsAfterARestart) {
  answer_all();
  evaluate_all();
  const Time later = kStart + seconds(30);
  const SpfMatrix before = matrix(later);
  ASSERT_EQ(before.state, SpfState::right) << before.why;
  restart(later);
  expect_same(matrix(later), before);
}

TEST_F(SpfKeep, WhatWasWrongOrSilentIsSoAfterARestart) {
  for (const TxtServer& server : watched->txt->take_due(kStart)) {
    if (server.name == "Operator 1")
      answer(server, {}, Outcome::servfail);
    else
      answer(server, {server.name == "Operator 2" ? kOldRecord : kRecord});
  }
  evaluate_all(SpfResult::fail);
  const SpfMatrix before = matrix(kStart);
  ASSERT_EQ(before.state, SpfState::wrong);
  restart(kStart);
  expect_same(matrix(kStart), before);
}

TEST_F(SpfKeep, WhatIsOlderThanItsValidityIsAskedAnewBeforeTheWholeIsJudged) {
  answer_all();
  evaluate_all();
  const Time later = kStart + std::chrono::minutes(16);
  restart(later);
  EXPECT_EQ(watched->txt->unasked().size(), 2u) << "the authorities'; copies age from their expiry";
  EXPECT_EQ(matrix(later).state, SpfState::unknown);
  restart(kStart + std::chrono::hours(1));
  EXPECT_TRUE(watched->txt->samples().empty());
  EXPECT_TRUE(watched->spf->evaluations().empty());
}

TEST_F(SpfKeep, AnAnswerThatIsNotKeptKeepsTheMatrixUnknown) {
  for (const TxtServer& server : watched->txt->take_due(kStart))
    answer(server, {server.name == "Operator 2" ? "v=spf1 \xff" : kRecord});
  evaluate_all();
  restart(kStart);
  EXPECT_EQ(watched->txt->unasked(), std::vector{*Endpoint::parse("9.9.9.2")});
  EXPECT_EQ(matrix(kStart).state, SpfState::unknown);
}

TEST_F(SpfKeep, TimesMoveWithTheClock) {
  answer_all();
  evaluate_all();
  Time later = kStart + seconds(60);
  ClockReading reading = clock_at(later);
  reading.boot_time = seconds(20);  // the wall clock had jumped; 20 s have passed
  const SpfKept kept = spf_from_state(saved(), owner.input, reading);
  ASSERT_FALSE(kept.samples.empty());
  EXPECT_EQ(kept.samples[0].received_at, later - seconds(20));
  EXPECT_EQ(kept.evaluations[0].expires_at, later + seconds(180));
}

TEST_F(SpfKeep, AnUnknownPauseOrAnotherFormRestoresNothing) {
  answer_all();
  evaluate_all();
  const Time now = kStart + seconds(10);
  ClockReading reading = clock_at(now, "another boot");
  nlohmann::json state = saved();
  const auto restored = [&] { return spf_from_state(state, owner.input, reading).samples.size(); };
  EXPECT_EQ(restored(), watched->txt->samples().size());
  reading.synchronised = false;
  EXPECT_EQ(restored(), 0u);
  reading.synchronised = true;
  state["spf"]["version"] = 2;
  EXPECT_EQ(restored(), 0u);
  state["spf"]["version"] = 1;
  state["spf"]["outcomes"][0]["cells"][0][0] = 99;
  EXPECT_EQ(restored(), 0u);
  state.erase("spf");
  EXPECT_EQ(restored(), 0u);
}

TEST_F(SpfKeep, AnotherPlansEvaluationsAreNotTaken) {
  answer_all();
  evaluate_all();
  owner.spf->senders = matrix_senders({}, {*probes::IpAddress::parse("203.0.113.9")});
  restart(kStart);
  EXPECT_EQ(matrix(kStart).state, SpfState::unknown);
}

TEST_F(SpfKeep, EqualAnswersStandOnce) {
  answer_all();
  evaluate_all();
  const nlohmann::json spf = saved()["spf"];
  EXPECT_EQ(spf["evaluations"].size(), 4u);
  EXPECT_EQ(spf["outcomes"].size(), 1u);
  EXPECT_EQ(spf["records"].size(), 1u);
  EXPECT_EQ(spf["texts"].dump(), "[[\"" + std::string(kRecord) + "\"]]")
      << "other TXT records are not kept";
}

TEST_F(SpfKeep, AnotherOutcomeIsKeptAtOnce) {
  answer_all();
  const std::uint64_t before = watched->revision();
  evaluate_all();
  const std::uint64_t first = watched->revision();
  EXPECT_GT(first, before);
  for (const bool other : {false, true}) {
    SpfEvaluation again = watched->spf->evaluations()[0];
    again.at = kStart + seconds(10);
    if (other) again.cells[1].result = SpfResult::fail;
    watched->take(SpfRound{again.from_authority, again.resolver, again.record}, again);
    EXPECT_EQ(watched->revision() > first, other);
  }
}

}  // namespace
}  // namespace mxswitch::monitor
