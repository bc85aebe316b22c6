#include "monitor/propagation/spf_matrix.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using probes::spf::SpfResult;

const Time kNow{seconds(100'000)};
const char* kRecord = "v=spf1 ip4:192.0.2.25 include:spf.filter.example ~all";
const char* kOldRecord = "v=spf1 ip4:192.0.2.25 -all";

// A world in which two authorities and three resolvers agree; each test breaks one thing of it.
class Matrix : public testing::Test {
 protected:
  Matrix() {
    move.owner = *DnsName::parse("shop.example");
    move.required = {"include:spf.filter.example"};
    move.all = "~all";
    move.senders = matrix_senders({ip("192.0.2.25"), ip("2001:db8::25")},
                                  {ip("198.51.100.7"), ip("2001:db8:1::7")});
    for (const char* address : {"198.51.100.11", "198.51.100.12"}) add(true, address, kRecord);
    for (const char* address : {"8.8.8.8", "9.9.9.9", "1.1.1.1"}) add(false, address, kRecord);
  }
  static probes::IpAddress ip(const char* text) { return *probes::IpAddress::parse(text); }

  void add(bool authority, const char* address, const char* record) {
    TxtSample made;
    made.from_authority = authority;
    made.server = authority ? "ns" : "Google";
    made.endpoint = *Endpoint::parse(address);
    made.received_at = kNow;
    made.outcome = Outcome::answered;
    made.texts = {"unrelated", record};
    made.ttl = 300;
    seen.samples.push_back(made);
    if (!authority || seen.samples.size() == 1) seen.evaluations.push_back(good(made, record));
  }
  SpfEvaluation good(const TxtSample& sample, const char* record) {
    SpfEvaluation made;
    made.from_authority = sample.from_authority;
    if (!made.from_authority) made.resolver = sample.endpoint;
    made.record = record;
    made.at = kNow;
    made.expires_at = kNow + seconds(60);
    made.senders = move.senders;
    for (const SpfSender& sender : move.senders)
      made.cells.push_back(
          {sender.role == SenderRole::stranger ? SpfResult::softfail : SpfResult::pass, "", 1, 0});
    made.terms = {{"include:spf.filter.example", SpfEffect::effective, ""}};
    made.cost.lookups = 1;
    return made;
  }
  // Of the authorities' evaluation and then of the three resolvers'.
  SpfEvaluation& at(std::size_t index) { return seen.evaluations.at(index); }
  SpfMatrix judge() { return judge_spf_matrix(move, seen, left_out, switched, kNow); }
  // The matrix is wrong, and says so.
  void expect_wrong(const std::string& why) {
    const SpfMatrix made = judge();
    EXPECT_EQ(made.state, SpfState::wrong);
    EXPECT_EQ(made.why, why);
  }
  void expect_unknown(const std::string& why) {
    const SpfMatrix made = judge();
    EXPECT_EQ(made.state, SpfState::unknown);
    EXPECT_EQ(made.why, why);
  }

  SpfMove move;
  SpfSeen seen;
  std::set<Endpoint> left_out;
  bool switched = false;
};

TEST_F(Matrix, IsRightWhereEverybodyComesToTheWantedResults) {
  const SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::right);
  EXPECT_EQ(made.why,
            "old and new senders pass, every required term takes effect, strangers get what ~all "
            "says at 3 resolvers and 2 authorities");
  ASSERT_EQ(made.rows.size(), 1u);
  EXPECT_EQ(made.rows[0].who(), "3 resolvers and 2 authorities");
  EXPECT_EQ(made.views, "3 of 3 resolvers come to the results of the authorities");
  EXPECT_EQ(made.results, 1);
  EXPECT_FALSE(made.converges_at);
}

TEST_F(Matrix, LosingAnOldSenderBeforeTheSwitchIsAnErrorInEitherFamily) {
  at(2).cells[1].result = SpfResult::softfail;
  expect_wrong(
      "Google 9.9.9.9: the old sender 2001:db8::25 gets softfail before the switch: keep "
      "ip6:2001:db8::25 until then");
  at(2).cells[0].result = SpfResult::neutral;
  EXPECT_EQ(judge().errors.size(), 2u);
}

TEST_F(Matrix, AnOldSenderThatStaysAfterTheSwitchIsAWarning) {
  switched = true;
  SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::right);
  ASSERT_EQ(made.warnings.size(), 2u);
  EXPECT_EQ(made.warnings[0],
            "3 resolvers and 2 authorities: the old sender 192.0.2.25 still passes after the "
            "switch: take it out of the record when nothing sends from there");
  for (SpfEvaluation& each : seen.evaluations)
    each.cells[0].result = each.cells[1].result = SpfResult::softfail;
  made = judge();
  EXPECT_EQ(made.state, SpfState::right) << made.why;
  EXPECT_TRUE(made.warnings.empty());
}

TEST_F(Matrix, ASenderThatIsOldAndNewIsNoLeftover) {
  move.senders = matrix_senders({ip("192.0.2.25")}, {ip("192.0.2.25")});
  for (SpfEvaluation& each : seen.evaluations) {
    each.senders = move.senders;
    each.cells.resize(4);
    each.cells[2].result = each.cells[3].result = SpfResult::softfail;
  }
  switched = true;
  EXPECT_TRUE(judge().warnings.empty());
}

TEST_F(Matrix, NewSendersMustPassEverywhere) {
  at(0).cells[2].result = SpfResult::fail;
  expect_wrong(
      "2 authorities: the new sender 198.51.100.7 gets fail: publish the required include or "
      "ip4:198.51.100.7");
}

TEST_F(Matrix, AStrangerMustGetThePlannedQualifier) {
  at(1).cells[4].result = SpfResult::pass;
  expect_wrong(
      "Google 8.8.8.8: a stranger (240.0.0.1) gets pass, not softfail: end the record in ~all");
  at(1).cells[4].result = SpfResult::fail;
  EXPECT_EQ(judge().state, SpfState::wrong) << "a stricter end was not planned either";
  at(1).cells[4].result = SpfResult::pass;
  move.all = "";
  EXPECT_EQ(judge().why,
            "Google 8.8.8.8: a stranger (240.0.0.1) passes: end the record in ~all or -all");
  at(1).cells[4].result = SpfResult::fail;
  EXPECT_EQ(judge().state, SpfState::right) << "no qualifier is planned";
}

TEST_F(Matrix, RequiredTermsMustTakeEffectAndIncludesResolveAtEachResolver) {
  at(3).terms[0] = {"include:spf.filter.example", SpfEffect::without_effect, "it stands after all"};
  expect_wrong(
      "Google 1.1.1.1: include:spf.filter.example has no effect, it stands after all: put it "
      "before \"all\" with the qualifier \"+\"");
  at(3).terms[0].effect = SpfEffect::effective;
  at(3).broken = {{"\"include:x.example\" leads to no SPF record", false}};
  expect_wrong(
      "Google 1.1.1.1: \"include:x.example\" leads to no SPF record: mend or remove what leads "
      "there");
}

TEST_F(Matrix, TheBudgetOfBothFamiliesIsHeld) {
  at(0).cells[4].lookups = 9;
  at(0).cells[5].lookups = 10;
  SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::right);
  ASSERT_EQ(made.warnings.size(), 2u);
  EXPECT_EQ(made.warnings[1],
            "2 authorities: 10 of 10 lookups for an IPv6 sender: the next include breaks the "
            "record");
  at(0).cells[5].voids = 2;
  EXPECT_EQ(judge().warnings.size(), 3u);
  at(0).cost.lookups = 11;
  expect_wrong("2 authorities: 11 of 10 lookups in the worst case: remove includes");
}

TEST_F(Matrix, APermerrorIsSaidOnceForAllSenders) {
  for (SpfCell& cell : at(1).cells) cell = {SpfResult::permerror, "over 10 terms that ask", 11, 0};
  expect_wrong(
      "Google 8.8.8.8: every sender gets permerror (over 10 terms that ask): mend the record");
  EXPECT_EQ(judge().errors.size(), 1u);
}

TEST_F(Matrix, TwoRecordsOrNoneAreErrorsWithoutAnEvaluation) {
  for (const std::size_t server : {0u, 1u, 2u}) seen.samples[server].texts.push_back(kOldRecord);
  expect_wrong(
      "1 resolver and 2 authorities: 2 SPF records, a permerror for every sender: merge them");
  for (const std::size_t server : {0u, 1u, 2u}) seen.samples[server].texts = {"unrelated"};
  expect_wrong("1 resolver and 2 authorities: no SPF record: publish one");
}

TEST_F(Matrix, WhatWasNotEvaluatedIsUnknownHoweverFewServersItIs) {
  for (int i = 0; i < 10; ++i) add(false, ("203.0.113." + std::to_string(i)).c_str(), kRecord);
  ASSERT_EQ(judge().state, SpfState::right);
  seen.evaluations.pop_back();
  expect_unknown("Google 203.0.113.9: its record was not evaluated yet");
  seen.evaluations.push_back(good(seen.samples.back(), kOldRecord));
  expect_unknown("Google 203.0.113.9: its record was not evaluated yet");
  seen.evaluations.back().record = kRecord;
  ASSERT_EQ(judge().state, SpfState::right);
  seen.evaluations.back().senders.pop_back();
  expect_unknown("Google 203.0.113.9: its record was not evaluated yet");
}

TEST_F(Matrix, FailuresAtUpToAFifthOfTheResolversAreNoise) {
  add(false, "203.0.113.1", kRecord);
  seen.samples[2].outcome = Outcome::timed_out;
  expect_unknown("Google 8.8.8.8: no usable answer about TXT");
  add(false, "203.0.113.2", kRecord);
  EXPECT_EQ(judge().state, SpfState::right);
  seen.samples[0].outcome = Outcome::servfail;
  EXPECT_EQ(judge().state, SpfState::unknown) << "an authority's silence is none";
}

TEST_F(Matrix, ATemperrorIsNoAnswer) {
  at(1).cells[0] = {SpfResult::temperror, "no answer about TXT of spf.filter.example", 1, 0};
  expect_unknown(
      "Google 8.8.8.8: old 192.0.2.25 gets temperror (no answer about TXT of "
      "spf.filter.example)");
}

TEST_F(Matrix, ResolversThatAreNotCountedAreLeftOut) {
  at(1).cells[2].result = SpfResult::fail;
  left_out = {*Endpoint::parse("8.8.8.8")};
  const SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::right);
  EXPECT_EQ(made.resolvers, 2);
}

TEST_F(Matrix, BeforeTheChangeTheAuthoritiesAloneSpeak) {
  seen.samples.resize(2);
  expect_unknown(
      "right at the authorities; no resolver was asked yet: before the change that would plant "
      "the old record");
  seen.samples.clear();
  expect_unknown("no authority was asked yet");
}

TEST_F(Matrix, GroupsByResultAndSaysWhenViewsConverge) {
  for (const std::size_t index : {1u, 2u}) {
    seen.samples[index + 1].texts = {kOldRecord};
    seen.samples[index + 1].ttl = 100 * static_cast<std::uint32_t>(index);
    at(index).record = kOldRecord;
    at(index).cells[2].result = at(index).cells[3].result = SpfResult::fail;
  }
  // Another text with the same results is no disagreement.
  seen.samples[4].texts = {"v=spf1 include:spf.filter.example ip4:192.0.2.25 ~all"};
  at(3).record = seen.samples[4].texts[0];
  const SpfMatrix made = judge();
  EXPECT_EQ(made.why,
            "2 resolvers: the new sender 198.51.100.7 gets fail: an earlier copy, it expires by "
            "itself (and 1 more)");
  ASSERT_EQ(made.rows.size(), 2u);
  EXPECT_EQ(made.rows[0].who(), "2 resolvers");
  EXPECT_EQ(made.rows[0].state, SpfState::wrong);
  EXPECT_EQ(made.rows[1].who(), "1 resolver and 2 authorities");
  EXPECT_EQ(made.rows[1].texts, 2);
  EXPECT_EQ(made.texts, 3);
  EXPECT_EQ(made.results, 2);
  EXPECT_EQ(made.converges_at, kNow + seconds(200));
  EXPECT_EQ(made.views,
            "1 of 3 resolvers come to the results of the authorities; the last other copy expires "
            "03:50:00Z");
}

TEST_F(Matrix, WhereTheTextsAgreeWhatTheyLeadToExpires) {
  seen.samples[2].ttl = 86400;
  at(1).cells[2].result = SpfResult::fail;
  at(1).expires_at = kNow + seconds(60);
  EXPECT_EQ(judge().converges_at, kNow + seconds(60));
  seen.samples[3].texts = {kOldRecord};
  at(2).record = kOldRecord;
  at(2).cells[2].result = SpfResult::fail;
  EXPECT_EQ(judge().converges_at, kNow + seconds(300));
}

TEST_F(Matrix, AuthoritiesThatDifferConvergeAtNoTime) {
  seen.samples[1].texts = {kOldRecord};
  seen.evaluations.push_back(good(seen.samples[1], kOldRecord));
  seen.evaluations.back().cells[2].result = SpfResult::fail;
  const SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::wrong);
  EXPECT_FALSE(made.converges_at);
  EXPECT_EQ(made.views, "the authorities come to different results themselves");
}

TEST_F(Matrix, IsUnknownUntilEveryServerWasAsked) {
  seen.unasked = {*Endpoint::parse("8.8.4.4")};
  expect_unknown("1 server was not asked yet");
  left_out = {*Endpoint::parse("8.8.4.4")};
  EXPECT_EQ(judge().state, SpfState::right);
  seen.unasked.push_back(*Endpoint::parse("1.0.0.1"));
  at(1).cells[2].result = SpfResult::fail;
  EXPECT_EQ(judge().state, SpfState::wrong) << "what is wrong is so already";
}

TEST_F(Matrix, ShowsHowAResultCameAboutWhereItMatters) {
  for (SpfEvaluation& each : seen.evaluations)
    for (SpfCell& cell : each.cells) cell.trace = std::make_shared<probes::spf::TraceTerm>();
  EXPECT_TRUE(judge().rows[0].cells[0].trace);
  switched = true;
  EXPECT_FALSE(judge().rows[0].cells[0].trace) << "nobody wants an old sender to pass any more";
  EXPECT_TRUE(judge().rows[0].cells[2].trace);
}

TEST_F(Matrix, KnowsWhatIsWantedOfEachSender) {
  const SpfSender old{SenderRole::old_, {}}, fresh{SenderRole::new_, {}};
  const SpfSender stranger{SenderRole::stranger, {}};
  for (const SpfSender& sender : {old, fresh}) {
    EXPECT_TRUE(gives_wanted(move, sender, SpfResult::pass));
    EXPECT_FALSE(gives_wanted(move, sender, SpfResult::softfail));
  }
  EXPECT_TRUE(gives_wanted(move, stranger, SpfResult::softfail));
  EXPECT_FALSE(gives_wanted(move, stranger, SpfResult::fail));
  move.all = "";
  EXPECT_TRUE(gives_wanted(move, stranger, SpfResult::fail));
  EXPECT_FALSE(gives_wanted(move, stranger, SpfResult::permerror));
  EXPECT_FALSE(gives_wanted(move, stranger, SpfResult::pass));
}

class Parked : public Matrix {
 protected:
  Parked() {
    move.may_send_nothing = true;
    for (TxtSample& sample : seen.samples) sample.texts = {"v=spf1 -all"};
    for (SpfEvaluation& each : seen.evaluations) {
      each.record = "v=spf1 -all";
      each.terms[0].effect = SpfEffect::without_effect;
      for (SpfCell& cell : each.cells) cell.result = SpfResult::fail;
    }
  }
};

TEST_F(Parked, AnOwnerThatSaysThatItSendsNothingNeedsNoSenders) {
  const SpfMatrix made = judge();
  EXPECT_EQ(made.state, SpfState::right);
  EXPECT_TRUE(made.sends_nothing);
  EXPECT_EQ(made.why, "it sends no mail: \"v=spf1 -all\" alone at 3 resolvers and 2 authorities");
  move.may_send_nothing = false;
  EXPECT_EQ(judge().state, SpfState::wrong) << "the plan's domain has senders";
}

TEST_F(Parked, ACopyThatLetsSomebodyPassIsOfADomainThatSent) {
  seen.samples[4].texts = {kOldRecord};
  seen.evaluations[3] = good(seen.samples[4], kOldRecord);
  EXPECT_FALSE(judge().sends_nothing);
  EXPECT_EQ(judge().state, SpfState::wrong);
  left_out = {seen.samples[4].endpoint};
  EXPECT_TRUE(judge().sends_nothing);
}

TEST_F(Parked, NoRecordIsNoWord) {
  for (TxtSample& sample : seen.samples) sample.texts = {};
  expect_wrong(
      "3 resolvers and 2 authorities: no SPF record: publish one, \"v=spf1 -all\" where it sends "
      "no mail");
}

TEST_F(Parked, OnlyThatRecordSaysSo) {
  for (const char* record : {"v=spf1 -all", "V=SPF1  -ALL ", "v=spf1 -all exp=why.shop.example"})
    EXPECT_TRUE(lets_nobody_send(record)) << record;
  for (const char* record : {"v=spf1", "v=spf1 ~all", "v=spf1 ?all", "v=spf1 a -all", "v=spf1 -a",
                             "v=spf1 redirect=shop.example", "v=spf1 -all -all", "v=spf1 -all x"})
    EXPECT_FALSE(lets_nobody_send(record)) << record;
}

}  // namespace
}  // namespace mxswitch::monitor
