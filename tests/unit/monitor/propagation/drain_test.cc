#include "monitor/propagation/drain.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class Drain : public testing::Test {
 protected:
  Drain() {
    input_.expected = kNew;
    input_.policy.authority_spread = seconds(10);
    input_.policy.clock_error = seconds(1);
    input_.policy.delta = seconds(5);
    input_.policy.floor = seconds(30);
    input_.policy.history_ttl = seconds(0);
    authorities_.enumerate({address(1), address(2)}, at(0), seconds(0));
  }

  static AuthorityAddress address(int number) {
    return {*DnsName::parse("ns" + std::to_string(number) + ".shop.example"),
            *Endpoint::parse("198.51.100." + std::to_string(number))};
  }

  void answer(int number, int when, const MxSet& set, std::uint32_t ttl,
              const std::string& nsid = {}) {
    AuthoritySample sample;
    sample.server = address(number).server;
    sample.endpoint = address(number).endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = set.empty() ? Outcome::no_data : Outcome::answered;
    sample.authoritative = true;
    sample.set = set;
    sample.ttl = ttl;
    sample.nsid = nsid;
    sample.soa_refresh = soa_refresh_;
    sample.soa_retry = soa_retry_;
    sample.soa_expire = 3600;
    authorities_.observe(sample, kNew);
    versions_.served(sample, input_.policy.authority_spread);
  }

  void silence(int number, int when) {
    AuthoritySample sample;
    sample.server = address(number).server;
    sample.endpoint = address(number).endpoint;
    sample.sent_at = sample.received_at = at(when);
    authorities_.observe(sample, kNew);
  }

  DrainBound judge(int when) {
    const Classifier classes(kNew, {kOld});
    return judge_drain(
        {input_, authorities_, versions_, classes, unseen_, nullptr, copies_, blackouts_},
        at(when));
  }

  PropagationInput input_;
  Authorities authorities_;
  Versions versions_;
  std::vector<UnseenAuthority> unseen_;
  EarlierCopies copies_;
  std::vector<Blackout> blackouts_;
  std::uint32_t soa_refresh_ = 0, soa_retry_ = 0;
};

TEST_F(Drain, CountsFromTheFirstLaterAnswerNotFromTheLastOldOne) {
  for (int number : {1, 2}) answer(number, 0, kOld, 600);
  answer(1, 100, kNew, 600);
  EXPECT_FALSE(judge(150).strict_until);
  answer(2, 200, kNew, 600);
  const DrainBound bound = judge(210);
  // 200 + spread 10 + clock 1 + TTL 600 + delta 5
  EXPECT_EQ(bound.strict_until, at(816));
  EXPECT_EQ(bound.opens_at, at(816));
  EXPECT_EQ(bound.stale_until, at(816) + kUnreachableStaleAllowance);
  EXPECT_EQ(bound.drain_started_at, at(200));
  EXPECT_FALSE(bound.assumed);
  EXPECT_EQ(bound.condition.holds, Holds::no);
  EXPECT_EQ(bound.condition.reasons[0].code, "caches");
  EXPECT_EQ(judge(816).condition.holds, Holds::yes);
}

TEST_F(Drain, HasAFloorForShortTtls) {
  for (int number : {1, 2}) answer(number, 0, kOld, 5);
  for (int number : {1, 2}) answer(number, 10, kNew, 5);
  EXPECT_EQ(judge(12).strict_until, at(40));
  EXPECT_EQ(judge(35).condition.reasons[0].code, "floor");
}

TEST_F(Drain, KeepsTheLargerTtlOfALoweredOne) {
  for (int number : {1, 2}) answer(number, 0, kOld, 3600);
  for (int number : {1, 2}) answer(number, 100, kOld, 20);
  for (int number : {1, 2}) answer(number, 200, kNew, 20);
  EXPECT_EQ(judge(210).strict_until, at(100 + 11 + 3600 + 5));
}

TEST_F(Drain, TakesNoNewTtlOfTheExpectedSetAsAnObligation) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  for (int number : {1, 2}) answer(number, 200, kNew, 86400);
  EXPECT_EQ(judge(210).strict_until, at(100 + 11 + 20 + 5));
}

TEST_F(Drain, ReopensAnObligationOnRollback) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  answer(2, 110, kOld, 20);
  EXPECT_FALSE(judge(111).strict_until);
  answer(2, 300, kNew, 20);
  EXPECT_EQ(judge(301).strict_until, at(300 + 11 + 20 + 5));
}

TEST_F(Drain, HoldsAnOldSiteOfAnAnycastAddressAgainstTheOthers) {
  answer(1, 0, kOld, 20, "ams");
  answer(2, 0, kOld, 20);
  answer(2, 100, kNew, 20);
  answer(1, 100, kNew, 20, "fra");
  answer(1, 101, kOld, 20, "ams");
  answer(1, 102, kNew, 20, "fra");  // another site's answer ends nothing yet
  EXPECT_FALSE(judge(103).strict_until);
  answer(1, 111, kNew, 20, "fra");  // the spread has passed without it
  EXPECT_EQ(judge(112).strict_until, at(111 + 11 + 20 + 5));
}

TEST_F(Drain, BoundsAnAbsentStateByItsNegativeTtl) {
  for (int number : {1, 2}) answer(number, 0, MxSet(), 300);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  const DrainBound bound = judge(101);
  EXPECT_EQ(bound.strict_until, at(100 + 11 + 300 + 5));
  EXPECT_EQ(bound.obligations[0].kind, Obligation::Kind::absent);
}

TEST_F(Drain, TakesASecondThatWasAskedLateToHaveServedTheSame) {
  answer(1, 0, kOld, 600);
  answer(1, 100, kNew, 600);
  answer(2, 150, kNew, 600);
  EXPECT_EQ(judge(151).strict_until, at(150 + 11 + 600 + 5));
}

struct Declared {
  std::optional<int> changed_at, old_ttl;
  Obligation::Kind kind;
  int strict;
};

TEST_F(Drain, JudgesALateWatchByWhatIsDeclaredElseByAssumption) {
  for (int number : {1, 2}) answer(number, 500, kNew, 600);
  const Declared cases[] = {
      {std::nullopt, std::nullopt, Obligation::Kind::assumed, 500 + 11 + 604800 + 5},
      {std::nullopt, 3600, Obligation::Kind::assumed, 500 + 11 + 3600 + 5},
      {100, std::nullopt, Obligation::Kind::assumed, 100 + 11 + 604800 + 5},
      {100, 3600, Obligation::Kind::declared, 100 + 11 + 3600 + 5},
      {900, 3600, Obligation::Kind::assumed, 500 + 11 + 3600 + 5},  // it was new before that
  };
  for (const Declared& c : cases) {
    input_.changed_at.reset();
    input_.declared_old_ttl.reset();
    if (c.changed_at) input_.changed_at = at(*c.changed_at);
    if (c.old_ttl) input_.declared_old_ttl = seconds(*c.old_ttl);
    const DrainBound bound = judge(600);
    EXPECT_EQ(bound.strict_until, at(c.strict));
    EXPECT_TRUE(bound.assumed);
    ASSERT_EQ(bound.obligations.size(), 1u);
    EXPECT_EQ(bound.obligations[0].kind, c.kind);
  }
}

TEST_F(Drain, BelievesADeclaredTtlAboveWhatWasSeen) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  input_.declared_old_ttl = seconds(3600);
  EXPECT_EQ(judge(101).strict_until, at(0 + 11 + 3600 + 5));
}

TEST_F(Drain, ASilenceOfOneServerOfSeveralOwesNothingOfItsOwn) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  answer(1, 100, kNew, 20);
  for (int when = 100; when <= 500; when += 20) silence(2, when);
  EXPECT_FALSE(judge(500).strict_until);
  answer(2, 510, kNew, 20);
  const DrainBound bound = judge(511);
  EXPECT_EQ(bound.strict_until, at(510 + 11 + 20 + 5));
  EXPECT_EQ(bound.opens_at, bound.strict_until);
}

TEST_F(Drain, WaitsForRecoveryAfterABlackoutSinceTheChange) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  input_.policy.recovery = seconds(900);
  blackouts_ = {{"", "nobody answered", at(10), at(90)}};
  EXPECT_FALSE(judge(101).blackout) << "it was over before the change";
  blackouts_.push_back({"mx1.filter.example A", "nobody answered", at(500), at(600)});
  EXPECT_FALSE(judge(601).blackout) << "no obligation rests on that zone";
  blackouts_.push_back({"", "nobody answered", at(200), at(300)});
  DrainBound bound = judge(301);
  EXPECT_EQ(bound.strict_until, at(300 + 900));
  EXPECT_EQ(bound.condition.reasons[0].code, "recovery");
  EXPECT_EQ(bound.opens_at, bound.strict_until) << "no allowance but where the plan asks for one";
  input_.policy.stale_allowance = seconds(259200);
  EXPECT_EQ(judge(301).opens_at, at(300 + 900 + 259200));
}

TEST_F(Drain, OwesWhatWasFetchedBeforeTheWatchUnderALongerTtl) {
  input_.policy.history_ttl = seconds(86400);
  for (int number : {1, 2}) answer(number, number * 10, kOld, 300);
  for (int number : {1, 2}) answer(number, 100, kNew, 300);
  const DrainBound bound = judge(101);
  EXPECT_EQ(bound.strict_until, at(20 + 11 + 86400 + 5)) << "from the last first answer";
  EXPECT_TRUE(bound.assumed);
  EXPECT_EQ(bound.obligations.back().kind, Obligation::Kind::assumed);
  EXPECT_NE(bound.obligations.back().evidence.find("nobody said"), std::string::npos);
  input_.declared_old_ttl = seconds(300);
  EXPECT_EQ(judge(101).strict_until, at(100 + 11 + 300 + 5)) << "the plan says it was not lowered";
  EXPECT_FALSE(judge(101).assumed);
  input_.declared_old_ttl = seconds(60);
  EXPECT_EQ(judge(101).strict_until, at(100 + 11 + 300 + 5)) << "never below what was seen";
}

TEST_F(Drain, BeforeTheChangeTheEarliestKnowsWhatTheTimeBeforeOwes) {
  input_.policy.history_ttl = seconds(86400);
  for (int number : {1, 2}) answer(number, 0, kOld, 300);
  EXPECT_EQ(judge(1000).earliest, at(0 + 11 + 86400 + 5));
  EXPECT_EQ(judge(90000).earliest, at(90000 + 11 + 300 + 5)) << "as if it began now";
}

TEST_F(Drain, AnEndpointWatchedForLongerThanThatOwesNothingMore) {
  input_.policy.history_ttl = seconds(86400);
  for (int number : {1, 2}) answer(number, 0, kOld, 300);
  for (int number : {1, 2}) answer(number, 90000, kNew, 300);
  const DrainBound bound = judge(90001);
  EXPECT_EQ(bound.strict_until, at(90000 + 11 + 300 + 5));
  EXPECT_FALSE(bound.assumed);
}

TEST_F(Drain, AnAbsentStateOwesNoHistory) {
  input_.policy.history_ttl = seconds(86400);
  for (int number : {1, 2}) answer(number, 0, MxSet(), 300);
  for (int number : {1, 2}) answer(number, 100, kNew, 300);
  EXPECT_EQ(judge(101).strict_until, at(100 + 11 + 300 + 5));
}

TEST_F(Drain, CopiesThatTwoOperatorsShowOverruleTheDeclaration) {
  input_.policy.history_ttl = seconds(86400);
  input_.declared_old_ttl = seconds(300);
  for (int number : {1, 2}) answer(number, 0, kOld, 300);
  copies_.longer = {{"Quad9", "Quad9 9.9.9.9", {kOld, 70000, at(90)}}};
  copies_.longer.push_back({"Quad9", "Quad9 149.112.112.112", {kOld, 50000, at(90)}});
  for (int number : {1, 2}) answer(number, 100, kNew, 300);
  EXPECT_FALSE(judge(101).copies_seen) << "one operator may stretch";
  copies_.longer.push_back({"Google", "Google 8.8.8.8", {kOld, 50000, at(95)}});
  DrainBound bound = judge(101);
  EXPECT_TRUE(bound.copies_seen);
  EXPECT_EQ(bound.strict_until, at(100 + 11 + 86400 + 5));
  copies_.longer.push_back({"Google", "Google 8.8.4.4", {kOld, 90000, at(95)}});
  EXPECT_EQ(judge(101).strict_until, at(100 + 11 + 2 * 86400 + 5)) << "the next whole time";
  input_.declared_old_ttl = seconds(2 * 86400);
  EXPECT_FALSE(judge(101).copies_seen) << "the declaration explains them";
}

TEST_F(Drain, CopiesThatLiveTooLongDisproveADeclaredTimeOfTheChange) {
  for (int number : {1, 2}) answer(number, 500, kNew, 600);
  input_.declared_old = kOld;
  input_.changed_at = at(100);
  input_.declared_old_ttl = seconds(3600);
  copies_.old = {{"Quad9", "Quad9 9.9.9.9", {kOld, 3500, at(501)}}};
  EXPECT_EQ(judge(600).strict_until, at(100 + 11 + 3600 + 5));
  copies_.old.push_back({"Google", "Google 8.8.8.8", {kOld, 3400, at(501)}});
  EXPECT_EQ(judge(600).strict_until, at(500 + 11 + 3600 + 5));
}

TEST_F(Drain, ASecondaryMayLearnOfADeclaredChangeByItsRefresh) {
  soa_refresh_ = 200;
  soa_retry_ = 50;
  for (int number : {1, 2}) answer(number, 500, kNew, 600);
  input_.changed_at = at(100);
  input_.declared_old_ttl = seconds(3600);
  EXPECT_EQ(judge(600).strict_until, at(350 + 11 + 3600 + 5));
}

TEST_F(Drain, WhatThePlanIgnoresOwesNothingWhetherItAnswersOrNot) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  answer(1, 100, kNew, 20);
  for (int when = 100; when <= 500; when += 20) silence(2, when);
  input_.ignored_authorities = {{"ns2.shop.example", "a dead box"}};
  EXPECT_EQ(judge(501).strict_until, at(100 + 11 + 20 + 5));
}

TEST_F(Drain, ASilenceWithNewBeforeAndAfterBreaksNoRun) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  silence(2, 101);
  silence(2, 102);
  answer(2, 103, kNew, 20);
  EXPECT_EQ(judge(104).drain_started_at, at(100));
  for (int when : {105, 106, 107}) silence(2, when);
  EXPECT_FALSE(judge(108).strict_until);
  answer(2, 109, kNew, 20);
  EXPECT_EQ(judge(110).drain_started_at, at(100)) << "its time counts as drained";
  answer(2, 111, kOld, 20);
  answer(2, 112, kNew, 20);
  EXPECT_EQ(judge(113).drain_started_at, at(112));
}

// Server 2 leaves the delegation at 100, whose NS records lived for 7200 s.
class NsMove : public Drain {
 protected:
  NsMove() {
    for (int number : {1, 2}) answer(number, 0, kOld, 600);
    authorities_.enumerate({address(1)}, at(100), seconds(7200));
    answer(1, 110, kNew, 600);
  }
};

TEST_F(NsMove, HasNoClockWhileTheOldServerServesTheOldSet) {
  answer(2, 5000, kOld, 600);
  EXPECT_FALSE(judge(5001).strict_until);
  EXPECT_EQ(judge(5001).condition.reasons[0].code, "drain-not-started");
}

TEST_F(NsMove, EndsWhenTheOldServerAnswersNew) {
  answer(2, 400, kNew, 600);
  const DrainBound bound = judge(401);
  EXPECT_EQ(bound.strict_until, at(400 + 11 + 600 + 5));
}

TEST_F(NsMove, RunsFromItsSilenceByTheTtlOfItsNsRecords) {
  answer(2, 900, kOld, 600);  // until then it could renew them
  for (int when : {1000, 1030, 1060}) silence(2, when);
  const DrainBound bound = judge(1061);
  EXPECT_EQ(bound.strict_until, at(900 + 11 + 7200 + 600 + 5)) << "from its last answer";
  EXPECT_EQ(bound.obligations.back().kind, Obligation::Kind::ns_move);
}

// Server 2 left before the watch began, as the plan says.
class Formerly : public Drain {
 protected:
  Formerly() {
    input_.formerly = {address(2).server};
    authorities_ = Authorities();
    authorities_.enumerate({address(1), address(2)}, at(0), seconds(0), input_.formerly);
    answer(1, 0, kOld, 600);
    answer(1, 100, kNew, 600);
  }
};

TEST_F(Formerly, OneThatIsDarkOwesTheTtlOfTheNsRecordsThatNobodySaw) {
  for (int when : {1, 2, 3}) silence(2, when);
  EXPECT_EQ(judge(101).strict_until, at(0 + 11 + 604800 + 600 + 5));
  EXPECT_TRUE(judge(101).assumed);
}

TEST_F(Formerly, OneThatServesTheOldSetHoldsTheClock) {
  answer(2, 50, kOld, 600);
  EXPECT_FALSE(judge(101).strict_until);
  answer(2, 200, kNew, 600);
  EXPECT_EQ(judge(201).strict_until, at(200 + 11 + 600 + 5));
}

TEST_F(Formerly, OneWithoutAnAddressOwesTheSameFromTheBeginning) {
  input_.formerly.push_back(*DnsName::parse("gone.old.example"));
  answer(2, 50, kNew, 600);
  EXPECT_EQ(judge(101).strict_until, at(0 + 11 + 604800 + 600 + 5));
  input_.ignored_authorities = {{"gone.old.example", "it never served the zone"}};
  EXPECT_LT(judge(101).strict_until, at(2000));
}

TEST_F(Formerly, ItStaysAsLeftWhenItIsListedAgain) {
  authorities_.enumerate({address(1), address(2)}, at(50), seconds(0), input_.formerly);
  EXPECT_EQ(authorities_.find(address(2))->left_at, at(0));
}

TEST_F(NsMove, ThePlanMayLetTheTtlOfItsNsRecordsBoundIt) {
  input_.ns_drain_by_ttl = true;
  answer(2, 900, kOld, 600);
  const DrainBound bound = judge(901);
  EXPECT_EQ(bound.strict_until, at(100 + 11 + 7200 + 600 + 5));
  EXPECT_TRUE(bound.assumed);
}

TEST_F(Drain, WaitsForAnAuthorityThatOnlyResolversHaveSeen) {
  for (int number : {1, 2}) answer(number, 0, kOld, 20);
  for (int number : {1, 2}) answer(number, 100, kNew, 20);
  unseen_.push_back({kOld, at(200), 20, "Google 8.8.8.8 and Quad9 9.9.9.9", {}});
  EXPECT_EQ(judge(201).strict_until, at(200 + 11 + 20 + 5));
}

TEST_F(Drain, KeepsTheBoundWhenAnAuthorityCountsItsTtlDown) {
  answer(2, 0, kOld, 20);
  answer(2, 1, kNew, 20);
  for (int i = 0; i < 500; ++i) answer(1, i, kOld, static_cast<std::uint32_t>(1000 - i));
  answer(1, 500, kNew, 20);
  EXPECT_LE(versions_.all().size(), 70u);
  EXPECT_EQ(judge(501).strict_until, at(1 + 1000 + 11 + 5));
}

}  // namespace
}  // namespace mxswitch::monitor
