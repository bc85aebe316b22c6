#include "monitor/propagation/one_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

AuthoritySample authority(int number, const MxSet& set, Outcome outcome = Outcome::answered) {
  AuthoritySample sample;
  sample.server = *DnsName::parse("ns" + std::to_string(number) + ".shop.example");
  sample.endpoint = *Endpoint::parse("198.51.100." + std::to_string(number));
  sample.outcome = outcome;
  sample.authoritative = true;
  sample.set = set;
  sample.ttl = 3600;
  return sample;
}

ResolverSample resolver(int number, const MxSet& set, Outcome outcome = Outcome::answered) {
  ResolverSample sample;
  sample.resolver = *Endpoint::parse("203.0.113." + std::to_string(number));
  sample.outcome = outcome;
  sample.set = set;
  sample.ttl = static_cast<std::uint32_t>(number);
  return sample;
}

CompanionSample address_of(const char* exchange, const char* data) {
  CompanionSample sample;
  sample.name = *DnsName::parse(exchange);
  sample.server = *DnsName::parse("ns1.filter.example");
  sample.endpoint = *Endpoint::parse("198.51.100.21");
  sample.outcome = *data ? Outcome::answered : Outcome::no_data;
  sample.authoritative = true;
  sample.data = data;
  return sample;
}

// All is as it should be; tests change what they are about.
LookSeen all_new(int resolvers = 9) {
  LookSeen seen;
  seen.owner = seen.mx_name = *DnsName::parse("shop.example");
  seen.expected = kNew;
  seen.old_sets = {kOld};
  seen.authorities = {authority(1, kNew), authority(2, kNew)};
  seen.exchanges = {address_of("mx1.filter.example", "192.0.2.1")};
  for (int i = 1; i <= resolvers; ++i) seen.samples.push_back(resolver(i, kNew));
  return seen;
}

const LookFact* find(const OneLook& look, std::string_view code) {
  for (const LookFact& fact : look.facts)
    if (fact.code == code) return &fact;
  return nullptr;
}

TEST(OneLook, ASignatureThatDoesNotHoldBlocksByTheServersName) {
  LookSeen seen = all_new();
  for (AuthoritySample& sample : seen.authorities) {
    sample.received_at = Time(seconds(1000));
    sample.signatures_asked = true;
    sample.signature = SignatureSpan{Time(seconds(0)), Time(seconds(2000))};
  }
  EXPECT_EQ(one_look(seen).look, Look::all_new);
  seen.authorities[1].signature->expiration = Time(seconds(999));
  const OneLook expired = one_look(seen);
  EXPECT_EQ(expired.look, Look::not_yet);
  ASSERT_TRUE(find(expired, "authority-signature"));
  EXPECT_THAT(find(expired, "authority-signature")->sentence(), HasSubstr("ns2.shop.example"));
  EXPECT_THAT(find(expired, "authority-signature")->sentence(), HasSubstr("expired at"));
  seen.authorities[1].signature.reset();
  EXPECT_THAT(find(one_look(seen), "authority-signature")->sentence(),
              HasSubstr("without the signature"));
}

TEST(OneLook, SaysOfSignaturesOnlyWhatWasLookedAt) {
  LookSeen seen = all_new();
  EXPECT_THAT(one_look(seen).not_looked_at.back(), HasSubstr("(DNSSEC) the dates alone"));
  seen.walked = false;
  const OneLook given = one_look(seen);
  EXPECT_THAT(given.not_looked_at[1], HasSubstr("signatures (DNSSEC)"));
  EXPECT_THAT(given.not_looked_at.back(), testing::Not(HasSubstr("DNSSEC")));
}

TEST(OneLook, IsAllNewOnlyWhenEveryAnswerThatCountsIs) {
  const OneLook look = one_look(all_new());
  EXPECT_EQ(look.look, Look::all_new);
  EXPECT_THAT(look.reasons(), IsEmpty());
  EXPECT_EQ(find(look, "authority-new")->text, "2 of 2 authorities serve the expected set");
  EXPECT_THAT(look.not_looked_at.front(), HasSubstr("drain"));
}

TEST(OneLook, OneFactIsOneLineHoweverManyShowIt) {
  LookSeen seen = all_new(3);
  for (int i = 4; i <= 12; ++i) seen.samples.push_back(resolver(i, kOld));
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::not_yet);
  ASSERT_EQ(look.reasons().size(), 1u);
  const LookFact& fact = look.facts.front();
  EXPECT_EQ(fact.code, "resolver-old");
  EXPECT_EQ(fact.text,
            "9 of 12 resolvers answer the old set 10 mail.shop.example (for up to 12 s)");
  EXPECT_EQ(fact.who.size(), 9u);
  EXPECT_EQ(look.resolvers.of(AnswerClass::old), 9);
}

TEST(OneLook, TheWorstComesFirstAndTellsHowItFailed) {
  LookSeen seen = all_new(20);
  seen.authorities.push_back(authority(3, kOld));
  seen.samples.push_back(resolver(21, {}, Outcome::servfail));
  seen.samples.back().failure = "SERVFAIL (EDE 22, No Reachable Authority)";
  seen.samples.push_back(resolver(22, {}, Outcome::timed_out));
  seen.samples.back().failure = "no answer within 6 s";
  seen.samples.push_back(resolver(23, {}, Outcome::timed_out));
  seen.samples.back().failure = "truncated over UDP, and TCP is closed";
  seen.samples.push_back(resolver(24, {}, Outcome::timed_out));
  seen.samples.back().failure = "no answer within 6 s";
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::not_yet);
  std::vector<std::string> texts;
  for (const LookFact& fact : look.facts) texts.push_back(fact.text);
  EXPECT_THAT(texts,
              ElementsAre("1 of 3 authorities serves the old set 10 mail.shop.example (TTL 3600 s)",
                          "1 of 24 resolvers failed, SERVFAIL (EDE 22, No Reachable Authority)",
                          "2 of 24 resolvers failed, no answer within 6 s",
                          "1 of 24 resolvers failed, truncated over UDP, and TCP is closed",
                          "2 of 3 authorities serve the expected set",
                          "20 of 24 resolvers answer the expected set"));
}

TEST(OneLook, AnAliasIsInconclusiveAndCalledSo) {
  LookSeen seen = all_new();
  for (ResolverSample& sample : seen.samples) sample.through_cname = true;
  seen.mx_name = *DnsName::parse("mx.hosted.example");
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::inconclusive);
  ASSERT_EQ(look.reasons().size(), 1u) << "one fact, not one a resolver";
  EXPECT_THAT(look.reasons()[0].text,
              HasSubstr("shop.example is an alias (CNAME) of mx.hosted.example"));
}

TEST(OneLook, AnAliasIntoAnotherZoneIsNoMissingMx) {
  LookSeen seen = all_new();
  for (AuthoritySample& sample : seen.authorities) {
    sample.outcome = Outcome::no_data;
    sample.set = {};
    sample.through_cname = true;
  }
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::inconclusive);
  EXPECT_EQ(look.authorities.of(AnswerClass::absent), 0);
  EXPECT_EQ(find(look, "authority-absent"), nullptr);
}

TEST(OneLook, SeesASplitResolver) {
  LookSeen seen = all_new();
  seen.samples.push_back(resolver(1, kOld));
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::not_yet);
  EXPECT_EQ(look.resolvers.split, 1);
  EXPECT_THAT(look.facts.front().text, HasSubstr("the expected set and also 10 mail.shop.example"));
}

TEST(OneLook, TooManyFailuresAreInconclusiveAndAFewDecideNothing) {
  LookSeen seen = all_new(8);
  seen.samples.push_back(resolver(9, {}, Outcome::refused));
  seen.samples.push_back(resolver(10, {}, Outcome::refused));
  EXPECT_EQ(one_look(seen).look, Look::all_new);
  seen.samples.push_back(resolver(11, {}, Outcome::refused));
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::inconclusive);
  EXPECT_EQ(look.reasons().front().code, "resolvers-fail");
}

TEST(OneLook, NobodyAskedIsInconclusiveWithTheReason) {
  LookSeen seen = all_new(0);
  EXPECT_EQ(one_look(seen).look, Look::inconclusive);
  EXPECT_EQ(one_look(seen).reasons().front().text, "no resolver was asked");
  seen = all_new();
  seen.authorities.clear();
  seen.fault = "no root server answered";
  EXPECT_EQ(one_look(seen).look, Look::inconclusive);
  EXPECT_EQ(one_look(seen).reasons().front().text, "no root server answered");
}

TEST(OneLook, WhoLiesAboutControlNamesDecidesNothing) {
  LookSeen seen = all_new();
  seen.samples.push_back(resolver(10, kOld));
  ControlSample control;
  control.resolver = seen.samples.back().resolver;
  control.root_answered = control.lies = true;
  seen.controls = {control};
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::all_new);
  EXPECT_EQ(look.resolvers.counted(), 9);
  EXPECT_EQ(find(look, "resolver-lies")->weight, Weight::note);
  EXPECT_THAT(find(look, "resolver-lies")->who, ElementsAre("203.0.113.10"));

  seen.samples = {seen.samples.back()};
  EXPECT_EQ(one_look(seen).look, Look::inconclusive) << "nobody is left";
}

TEST(OneLook, AFewFiltersDecideNothingAndManyDo) {
  LookSeen seen = all_new();
  seen.samples.push_back(resolver(10, {}, Outcome::nxdomain));
  seen.samples.back().filter_marked = true;
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::all_new);
  EXPECT_EQ(find(look, "resolver-filters")->weight, Weight::note);
  for (ResolverSample& sample : seen.samples) {
    sample.outcome = Outcome::nxdomain;
    sample.set = {};
    sample.filter_marked = true;
  }
  EXPECT_EQ(one_look(seen).look, Look::not_yet);
}

TEST(OneLook, ALameServerIsCalledLameAndLeavesItOpen) {
  LookSeen seen = all_new();
  seen.authorities.push_back(authority(3, kOld));
  seen.authorities.back().authoritative = false;
  OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::inconclusive);
  EXPECT_EQ(look.facts.front().code, "authority-lame");
  EXPECT_EQ(look.facts.front().text,
            "1 of 3 authorities is lame (answers without AA), so what the zone is there is not "
            "known");
  seen.authorities.back() = authority(3, {}, Outcome::refused);
  EXPECT_THAT(one_look(seen).facts.front().text, HasSubstr("is lame (REFUSED)"));
  seen.authorities.back() = authority(3, {}, Outcome::timed_out);
  look = one_look(seen);
  EXPECT_EQ(look.look, Look::inconclusive);
  EXPECT_EQ(look.facts.front().text, "1 of 3 authorities failed, no answer");
}

TEST(OneLook, AnExchangeMustExistHaveAnAddressAndBeNoAlias) {
  LookSeen seen = all_new();
  seen.exchanges[0].aliased = true;
  OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::not_yet);
  EXPECT_EQ(look.facts.front().code, "exchange-alias");
  EXPECT_THAT(look.facts.front().text, HasSubstr("mx1.filter.example is an alias (CNAME)"));

  seen.exchanges = {address_of("mx1.filter.example", "")};
  EXPECT_EQ(one_look(seen).look, Look::not_yet);
  EXPECT_EQ(one_look(seen).facts.front().code, "exchange-no-address");
  seen.exchanges[0].outcome = Outcome::nxdomain;
  EXPECT_EQ(one_look(seen).look, Look::not_yet);
  EXPECT_EQ(one_look(seen).facts.front().code, "exchange-missing");

  seen.exchanges[0].outcome = Outcome::refused;
  seen.exchanges[0].failure = "REFUSED";
  EXPECT_EQ(one_look(seen).look, Look::inconclusive);
  EXPECT_THAT(one_look(seen).facts.front().text, HasSubstr("could not be looked at: REFUSED"));

  // Either family is enough, and one server that fails is no more than a remark.
  seen.exchanges.push_back(address_of("mx1.filter.example", "2001:db8::1"));
  EXPECT_EQ(one_look(seen).look, Look::all_new);
}

TEST(OneLook, InterceptionLeavesEverythingOpen) {
  LookSeen seen = all_new();
  seen.intercepted = true;
  EXPECT_EQ(one_look(seen).look, Look::inconclusive);
  EXPECT_EQ(one_look(seen).reasons().front().code, "intercepted");
}

TEST(OneLook, AMissingMxSaysWhereMailGoesMeanwhile) {
  LookSeen seen = all_new();
  seen.authorities[0] = authority(1, {}, Outcome::no_data);
  const OneLook look = one_look(seen);
  EXPECT_EQ(look.look, Look::not_yet);
  EXPECT_THAT(look.facts.front().text,
              HasSubstr("1 of 2 authorities says that there is no MX, so senders fall back"));
}

}  // namespace
}  // namespace mxswitch::monitor
