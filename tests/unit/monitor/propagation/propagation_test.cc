// The facade: what it asks for, and what a restart keeps. Whole worlds stand in tests/scenarios.
#include "monitor/propagation/propagation.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }
ClockReading clock_at(int s, const char* boot = "boot", bool synchronised = true) {
  return {at(s), at(s), seconds(s), boot, synchronised, Duration(0)};
}

AuthorityAddress address() {
  return {*DnsName::parse("ns1.shop.example"), *Endpoint::parse("198.51.100.11")};
}

PropagationInput input() {
  PropagationInput in;
  in.owner = *DnsName::parse("shop.example");
  in.expected = kNew;
  in.policy.authority_poll_before = seconds(300);
  in.policy.authority_poll = seconds(30);
  in.policy.history_ttl = seconds(0);
  probes::Resolver resolver;
  resolver.endpoint = *Endpoint::parse("9.9.9.9");
  resolver.operator_name = "Quad9";
  in.resolvers = std::vector{resolver};
  return in;
}

AuthoritySample answer(int when, const MxSet& set, std::uint32_t ttl = 3600) {
  AuthoritySample sample;
  sample.owner = input().owner;
  sample.server = address().server;
  sample.endpoint = address().endpoint;
  sample.sent_at = sample.received_at = at(when);
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.set = set;
  sample.ttl = ttl;
  return sample;
}

Propagation watched() {
  Propagation core(input(), at(0));
  core.set_endpoints({address()}, at(0));
  return core;
}

TEST(Propagation, IsUnknownBeforeAnythingWasSeen) {
  const PropagationReport report = watched().report(at(0));
  EXPECT_EQ(report.verdict, Verdict::unknown);
  EXPECT_FALSE(report.reasons.empty());
}

TEST(Propagation, AsksAuthoritiesAloneBeforeTheChange) {
  Propagation core = watched();
  auto due = core.wanted(at(0)).due;
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].kind, ProbeKind::authority);
  core.started(due[0], at(0), at(0));
  EXPECT_TRUE(core.wanted(at(0)).due.empty());
  core.observe(answer(0, kOld));
  EXPECT_TRUE(core.wanted(at(299)).due.empty());
  EXPECT_EQ(core.wanted(at(1)).next, at(300));
  EXPECT_EQ(core.wanted(at(300)).due.size(), 1u);
}

TEST(Propagation, AsksAgainForAProbeThatWasLost) {
  Propagation core = watched();
  core.started(core.wanted(at(0)).due[0], at(0), at(0));
  EXPECT_TRUE(core.wanted(at(10)).due.empty());
  EXPECT_EQ(core.wanted(at(60)).due.size(), 1u);
}

AuthoritySample signed_answer(int when, std::optional<SignatureSpan> signature) {
  AuthoritySample sample = answer(when, kNew);
  sample.signatures_asked = true;
  sample.signature = signature;
  return sample;
}

std::string signature_reason(const Propagation& core, int when) {
  for (const Reason& reason : core.report(at(when)).a.reasons)
    if (reason.code == "authority-signature") return reason.text;
  return "";
}

TEST(Propagation, ASignatureWhoseDatesDoNotHoldFailsThatServer) {
  struct Case {
    int from, until;
    const char* why;
  };
  const Case cases[] = {
      {0, 5000, ""},
      {0, 2000, "with a signature that expired at"},
      {4000, 9000, "with a signature that is valid only from"},
  };
  for (const Case& c : cases) {
    Propagation core(input(), at(0));
    core.set_endpoints({address()}, at(0), {}, seconds(0), true);
    EXPECT_TRUE(core.signed_zone());
    for (const int when : {3000, 3030, 3060})
      core.observe(signed_answer(when, SignatureSpan{at(c.from), at(c.until)}));
    const std::string why = signature_reason(core, 3060);
    EXPECT_EQ(why.empty(), *c.why == 0) << why;
    EXPECT_NE(why.find(c.why), std::string::npos) << why;
    if (*c.why == 0) continue;
    EXPECT_NE(why.find("ns1.shop.example"), std::string::npos) << why;
    const auto before = core.revision();
    core.observe(signed_answer(3090, SignatureSpan{at(3080), at(9000)}));
    EXPECT_EQ(signature_reason(core, 3090), "") << "signed anew";
    EXPECT_GT(core.revision(), before);
  }
}

TEST(Propagation, AServerWithoutTheSignaturesOfTheOthersFailsAndAnUnsignedZoneDoesNot) {
  for (const bool other_signs : {true, false}) {
    Propagation core(input(), at(0));
    const AuthorityAddress second{*DnsName::parse("ns2.shop.example"),
                                  *Endpoint::parse("198.51.100.12")};
    core.set_endpoints({address(), second}, at(0), {}, seconds(0), true);
    core.observe(signed_answer(10, std::nullopt));
    AuthoritySample other = signed_answer(10, SignatureSpan{at(0), at(9000)});
    other.server = second.server;
    other.endpoint = second.endpoint;
    if (!other_signs) other.signature.reset();
    core.observe(other);
    const std::string why = signature_reason(core, 10);
    EXPECT_EQ(why.find("ns1.shop.example") != std::string::npos, other_signs) << why;
    EXPECT_EQ(why.find("ns2"), std::string::npos) << why;
  }
}

TEST(Propagation, WhatAnIgnoredServerSignsIsNoMatterOfTheOthers) {
  PropagationInput in = input();
  in.ignored_authorities = {{"ns2.shop.example", "the old provider's"}};
  Propagation core(in, at(0));
  const AuthorityAddress ignored{*DnsName::parse("ns2.shop.example"),
                                 *Endpoint::parse("198.51.100.12")};
  core.set_endpoints({address(), ignored}, at(0), {}, seconds(0), true);
  core.observe(signed_answer(10, std::nullopt));
  AuthoritySample other = signed_answer(10, SignatureSpan{at(0), at(9000)});
  other.server = ignored.server;
  other.endpoint = ignored.endpoint;
  core.observe(other);
  EXPECT_EQ(signature_reason(core, 10), "");
}

TEST(Propagation, PollsOftenFromTheAnnouncedTime) {
  PropagationInput in = input();
  in.changed_at = at(100);
  Propagation core(in, at(0));
  core.set_endpoints({address()}, at(0));
  core.observe(answer(0, kOld));
  EXPECT_EQ(core.wanted(at(1)).next, at(100));
  EXPECT_EQ(core.wanted(at(100)).due.size(), 1u);
}

TEST(Propagation, AsksResolversFromTheFirstNewAnswerOn) {
  Propagation core = watched();
  core.observe(answer(0, kOld));
  core.observe(answer(300, kNew));
  const auto due = core.wanted(at(301)).due;
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].kind, ProbeKind::resolver);
}

// Before the drain is over a new answer decides nothing: it is asked for with growing patience.
TEST(Propagation, AsksResolversThatAreNewLessAndLessOften) {
  Propagation core = watched();
  core.observe(answer(0, kOld));
  core.observe(answer(300, kNew));
  int now = 301, last_gap = 0;
  for (int i = 0; i < 4; ++i) {
    ResolverSample sample;
    sample.resolver = input().resolvers[0].endpoint;
    sample.sent_at = sample.received_at = at(now);
    sample.outcome = Outcome::answered;
    sample.set = kNew;
    sample.ttl = 30;
    core.observe(sample);
    int gap = 0;
    const auto wants_resolver = [&] {
      for (const ProbeDue& probe : core.wanted(at(now + gap)).due)
        if (probe.kind == ProbeKind::resolver) return true;
      return false;
    };
    while (!wants_resolver()) ++gap;
    EXPECT_GT(gap, last_gap);
    last_gap = gap;
    now += gap;
  }
  EXPECT_LE(last_gap, 1800);
}

Propagation served_new() {
  Propagation core = watched();
  for (int when : {0, 300, 600}) core.observe(answer(when, kNew));
  return core;
}

TEST(Propagation, AgreesWithoutDnssecWhereTheParentHasNoDs) {
  const PropagationReport report = served_new().report(at(601));
  EXPECT_EQ(report.a.holds, Holds::yes);
  EXPECT_TRUE(report.a.reasons.empty());
}

TEST(Propagation, AnAliasAtTheNameIsNotJudged) {
  Propagation core = watched();
  for (int when : {0, 300, 600}) {
    AuthoritySample sample = answer(when, kNew);
    sample.through_cname = true;
    core.observe(sample);
  }
  const PropagationReport report = core.report(at(601));
  EXPECT_EQ(report.a.holds, Holds::unknown);
  ASSERT_EQ(report.a.reasons.size(), 1u);
  EXPECT_EQ(report.a.reasons[0].code, "cname-not-covered");
  EXPECT_NE(report.a.reasons[0].text.find("override the gate authority"), std::string::npos);
  EXPECT_FALSE(report.ready());
}

TEST(Propagation, AnAliasThatOnlyAResolverSeesIsNotJudgedEither) {
  Propagation core = served_new();
  ResolverSample sample;
  sample.resolver = input().resolvers[0].endpoint;
  sample.sent_at = sample.received_at = at(601);
  sample.outcome = Outcome::answered;
  sample.set = kNew;
  sample.ttl = 100;
  sample.through_cname = true;
  core.observe(sample);
  const PropagationReport seen = core.report(at(602));
  EXPECT_EQ(seen.a.holds, Holds::unknown);
  EXPECT_EQ(seen.a.reasons.at(0).code, "cname-not-covered");
  sample.sent_at = sample.received_at = at(603);
  sample.through_cname = false;
  core.observe(sample);
  EXPECT_EQ(core.report(at(604)).a.holds, Holds::yes);
}

TEST(Propagation, ASignedZoneIsUnknownAcrossARestart) {
  Propagation core = served_new();
  core.set_endpoints({address()}, at(601), {}, seconds(3600), true);
  const auto saved = core.save(clock_at(602));
  auto restored = Propagation::restore(input(), saved, clock_at(603));
  ASSERT_TRUE(restored) << restored.error().text();
  for (const PropagationReport& report : {core.report(at(602)), restored->report(at(603))}) {
    EXPECT_EQ(report.a.holds, Holds::unknown);
    ASSERT_EQ(report.a.reasons.size(), 1u);
    EXPECT_EQ(report.a.reasons[0].code, "dnssec-unproved");
    EXPECT_FALSE(report.ready());
  }
}

ResolverSample validated(const char* resolver, int when) {
  ResolverSample sample;
  sample.resolver = *Endpoint::parse(resolver);
  sample.sent_at = sample.received_at = at(when);
  sample.outcome = Outcome::answered;
  sample.set = kNew;
  sample.ttl = 100;
  sample.authenticated = true;
  return sample;
}

TEST(Propagation, TwoOperatorsProveASignedZone) {
  PropagationInput in = input();
  std::vector<probes::Resolver> resolvers(2);
  resolvers[0].endpoint = *Endpoint::parse("9.9.9.9");
  resolvers[0].operator_name = "Quad9";
  resolvers[1].endpoint = *Endpoint::parse("1.1.1.1");
  resolvers[1].operator_name = "Cloudflare";
  in.resolvers = resolvers;
  Propagation core(in, at(0));
  core.set_endpoints({address()}, at(0), {}, seconds(3600), true);
  for (int when : {0, 300, 600}) core.observe(answer(when, kNew));
  core.observe(validated("9.9.9.9", 601));
  EXPECT_EQ(core.report(at(602)).a.holds, Holds::unknown);
  core.observe(validated("1.1.1.1", 602));
  EXPECT_EQ(core.report(at(603)).a.holds, Holds::yes);
  auto restored = Propagation::restore(in, core.save(clock_at(604)), clock_at(604));
  EXPECT_EQ(restored->report(at(605)).a.holds, Holds::yes);
  EXPECT_EQ(core.report(at(603 + 901)).a.holds, Holds::no) << "and is asked again";
}

// The owner served its MX itself and becomes an alias of a host at a provider.
class BecomesAlias : public testing::Test {
 protected:
  BecomesAlias() : core_(input(), at(0)) {
    core_.set_chain(input().owner, {}, at(0));
    core_.set_endpoints({address()}, at(0), {}, seconds(3600));
    core_.observe(answer(0, kOld, 600));
    ListedCompanion link;
    link.name = input().owner;
    link.type = probes::RrType::cname;
    link.endpoints = {address()};
    core_.set_chain(end_, {link}, at(100));
    core_.set_endpoints({host_}, at(100), {}, seconds(3600));
  }

  AuthoritySample from_host(int when, const MxSet& set) {
    AuthoritySample sample = answer(when, set, 60);
    sample.owner = end_;
    sample.server = host_.server;
    sample.endpoint = host_.endpoint;
    return sample;
  }
  CompanionSample link(int when, const char* data) {
    CompanionSample sample;
    sample.name = input().owner;
    sample.type = probes::RrType::cname;
    sample.server = address().server;
    sample.endpoint = address().endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = *data == 0 ? Outcome::no_data : Outcome::answered;
    sample.authoritative = true;
    sample.data = data;
    sample.ttl = 300;
    return sample;
  }
  // u + spread 300 + clock error 1 + v + delta 60
  static Time drained(int u, int v) { return at(u + 301 + v + 60); }

  const DnsName end_ = *DnsName::parse("customer.host.example");
  const AuthorityAddress host_{*DnsName::parse("ns1.host.example"),
                               *Endpoint::parse("198.51.100.31")};
  Propagation core_;
};

TEST_F(BecomesAlias, AsksTheServersOfTheEndForTheEnd) {
  bool end = false, link = false;
  for (const ProbeDue& probe : core_.wanted(at(100)).due) {
    if (probe.kind == ProbeKind::authority) {
      EXPECT_EQ(probe.name, end_);
      EXPECT_EQ(probe.server, host_.server);
      end = true;
    } else {
      EXPECT_EQ(probe.kind, ProbeKind::companion);
      EXPECT_EQ(probe.name, input().owner);
      EXPECT_EQ(probe.type, probes::RrType::cname);
      link = true;
    }
  }
  EXPECT_TRUE(end && link);
}

TEST_F(BecomesAlias, WhatStoodThereEndsWhenEveryServerHasTheAlias) {
  for (int when : {110, 140, 170}) core_.observe(from_host(when, kNew));
  EXPECT_FALSE(core_.report(at(171)).strict_until) << "nobody saw the CNAME at its server";
  core_.observe(link(172, ""));
  EXPECT_FALSE(core_.report(at(173)).strict_until) << "it has none yet";
  core_.observe(link(200, "customer.host.example"));
  const PropagationReport report = core_.report(at(201));
  ASSERT_EQ(report.a.reasons.size(), 1u);
  EXPECT_EQ(report.a.reasons[0].code, "exchange-not-asked") << "the walk named no exchange";
  ASSERT_TRUE(report.strict_until);
  EXPECT_GE(*report.strict_until, drained(200, 600));
  bool owed = false;
  for (const Obligation& one : report.obligations)
    owed = owed || (one.set == kOld && one.until == at(200 + 301 + 600));
  EXPECT_TRUE(owed);
}

TEST_F(BecomesAlias, SurvivesARestart) {
  for (int when : {110, 140, 170}) core_.observe(from_host(when, kNew));
  core_.observe(link(200, "customer.host.example"));
  const auto before = core_.report(at(201));
  auto restored = Propagation::restore(
      input(), nlohmann::json::parse(core_.save(clock_at(201)).dump()), clock_at(201));
  ASSERT_TRUE(restored) << restored.error().text();
  EXPECT_EQ(restored->mx_name(), end_);
  const auto after = restored->report(at(201));
  EXPECT_EQ(after.strict_until, before.strict_until);
  EXPECT_EQ(after.obligations.size(), before.obligations.size());
  EXPECT_EQ(after.a.reasons.size(), before.a.reasons.size());
}

TEST_F(BecomesAlias, ALateAnswerOfTheEarlierServersIsDropped) {
  core_.observe(answer(105, kOld, 86400));
  for (const Obligation& one : core_.report(at(106)).obligations)
    EXPECT_NE(one.ttl, seconds(86400));
}

TEST(Propagation, AVersionOfARecordBesideTheMxRaisesTheRevision) {
  Propagation core = watched();
  ListedCompanion a;
  a.name = *DnsName::parse("mx1.filter.example");
  a.endpoints = {address()};
  core.set_chain(input().owner, {a}, at(0));
  CompanionSample sample;
  sample.name = a.name;
  sample.server = address().server;
  sample.endpoint = address().endpoint;
  sample.sent_at = sample.received_at = at(1);
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.data = "192.0.2.1";
  sample.ttl = 60;
  const auto first = core.revision();
  core.observe(sample);
  const auto second = core.revision();
  EXPECT_GT(second, first);
  sample.received_at = at(2);
  core.observe(sample);
  EXPECT_EQ(core.revision(), second) << "a repetition is no news";
  sample.data = "192.0.2.2";
  sample.received_at = at(3);
  core.observe(sample);
  EXPECT_GT(core.revision(), second);
}

TEST(Propagation, AStateOfAnEarlierProgramIsTakenUp) {
  auto saved = served_new().save(clock_at(602));
  saved.erase("signed_zone");
  saved.erase("companions");
  for (auto& version : saved["versions"]) version.erase("retired_at");
  for (auto& authority : saved["authorities"]) authority.erase("through_cname");
  for (auto& track : saved["tracks"]) track.erase("through_cname");
  const auto restored = Propagation::restore(input(), saved, clock_at(603));
  ASSERT_TRUE(restored) << restored.error().text();
  EXPECT_EQ(restored->report(at(603)).a.holds, Holds::yes);
}

TEST(Propagation, ATimeOnAnotherDayCarriesItsDate) {
  const PropagationReport report = served_new().report(at(601));
  ASSERT_FALSE(report.b.reasons.empty());
  // The old TTL is assumed to be a week.
  EXPECT_NE(report.b.reasons[0].text.find("1970-01-"), std::string::npos)
      << report.b.reasons[0].text;
}

TEST(Propagation, SchedulesAResolverByTheExpiryOfItsCache) {
  Propagation core = watched();
  core.observe(answer(0, kOld));
  core.observe(answer(300, kNew));
  ResolverSample sample;
  sample.resolver = input().resolvers[0].endpoint;
  sample.sent_at = sample.received_at = at(301);
  sample.outcome = Outcome::answered;
  sample.set = kOld;
  sample.ttl = 1000;
  core.observe(sample);
  const auto early = core.wanted(at(1301)).due;
  for (const ProbeDue& probe : early) EXPECT_NE(probe.kind, ProbeKind::resolver);
  const auto due = core.wanted(at(1302)).due;
  EXPECT_TRUE(std::any_of(due.begin(), due.end(),
                          [](const auto& p) { return p.kind == ProbeKind::resolver; }));
}

TEST(Propagation, WaivesOnlyViolators) {
  Propagation core = watched();
  core.observe(answer(0, kOld));
  const auto refused = core.waive(*Endpoint::parse("9.9.9.9"), "why not", {}, at(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::blocked);
  const auto unknown = core.waive(*Endpoint::parse("192.0.2.1"), "why not", {}, at(1));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, Fault::not_found);
}

TEST(Propagation, AnotherExpectedSetKeepsObligationsAndStartsRunsAgain) {
  Propagation core = watched();
  core.observe(answer(0, kOld));
  for (int when : {300, 330, 360}) core.observe(answer(when, kNew));
  PropagationInput other = input();
  other.expected = *MxSet::parse("10 mx9.filter.example");
  core.replace_input(other, at(361));
  core.observe(answer(390, kNew));
  const auto report = core.report(at(391));
  EXPECT_FALSE(report.strict_until);
  EXPECT_EQ(report.obligations.size(), 2u);
  EXPECT_EQ(report.a.reasons[0].code, "authority-old");
}

class Restart : public testing::Test {
 protected:
  Restart() {
    core_.observe(answer(0, kOld));
    for (int when : {300, 330, 360}) core_.observe(answer(when, kNew));
    before_ = *core_.report(at(400)).strict_until;
    saved_ = nlohmann::json::parse(core_.save(clock_at(400)).dump());
  }
  Propagation core_ = watched();
  Time before_{};
  nlohmann::json saved_;
};

TEST_F(Restart, OfTheSameBootKeepsTheBound) {
  const auto core = Propagation::restore(input(), saved_, clock_at(500));
  ASSERT_TRUE(core) << core.error().text();
  const auto report = core->report(at(500));
  EXPECT_EQ(report.strict_until, before_);
  EXPECT_EQ(report.authorities[0].new_rounds, 3);
  EXPECT_FALSE(report.warnings.empty());  // nobody watched for 100 s
}

TEST_F(Restart, BringsNoBoundForward) {
  ClockReading clock = clock_at(500);
  for (const Duration slewed : {Duration(1), Duration(40), Duration(1000)}) {
    clock.boot_time = seconds(500) + slewed;
    const auto core = Propagation::restore(input(), saved_, clock);
    ASSERT_TRUE(core);
    EXPECT_EQ(core->report(at(500)).strict_until, before_) << slewed.count() << " ms";
  }
  clock.boot_time = seconds(500) - Duration(40);
  const auto core = Propagation::restore(input(), saved_, clock);
  ASSERT_TRUE(core);
  EXPECT_EQ(core->report(at(500)).strict_until, before_ + Duration(40));
}

TEST_F(Restart, OnAMovedWallClockKeepsTheTimeThatIsLeft) {
  // The wall clock was set back by 1000 s; the boot clock went on by 100 s.
  const ClockReading clock{at(-500), at(-500), seconds(500), "boot", true, Duration(0)};
  const auto core = Propagation::restore(input(), saved_, clock);
  ASSERT_TRUE(core);
  EXPECT_EQ(*core->report(at(-500)).strict_until - at(-500), before_ - at(500));
}

TEST_F(Restart, AfterARebootSubtractsTheClocksErrors) {
  ClockReading clock = clock_at(500, "other");
  clock.error = seconds(2);
  const auto core = Propagation::restore(input(), saved_, clock);
  ASSERT_TRUE(core);
  EXPECT_EQ(core->report(at(500)).strict_until, before_ + seconds(2));
}

TEST_F(Restart, WithoutAProvenClockStartsTheDrainAgain) {
  auto core = Propagation::restore(input(), saved_, clock_at(500, "other", false));
  ASSERT_TRUE(core);
  EXPECT_FALSE(core->report(at(500)).strict_until);
  core->observe(answer(510, kNew));
  EXPECT_GE(*core->report(at(511)).strict_until, before_ + seconds(200));
}

TEST_F(Restart, NamesWhatItCannotRead) {
  saved_["versions"][0].erase("set");
  const auto core = Propagation::restore(input(), saved_, clock_at(500));
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().fault, Fault::malformed);
  EXPECT_NE(core.error().text().find("'set'"), std::string::npos) << core.error().text();
  EXPECT_FALSE(Propagation::restore(input(), nlohmann::json(5), clock_at(0)));
}

}  // namespace
}  // namespace mxswitch::monitor
