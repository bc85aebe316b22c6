#include "orchestrator/relay_agent/routing.h"

#include <gtest/gtest.h>

namespace mxswitch::orchestrator {
namespace {

const RelayFacts kRelay{"reinject:[127.0.0.1]:10026", "postmaster@provider.example"};
constexpr auto kOld = "smtp:[192.0.2.7]:25";
constexpr auto kSoakOld = "soak-smtp:[192.0.2.7]:25";
constexpr auto kNew = "lmtp:inet:[192.0.2.9]:24";
constexpr auto kSoakNew = "soak-lmtp:inet:[192.0.2.9]:24";

Roster provider_roster() {
  Roster roster;
  roster.accounts = {{"joe", false}, {"mary", false}, {"jane", true}, {"ann", false}};
  roster.aliases = {{"info", {"mary"}},
                    {"sales", {"mary", "jane"}},
                    {"dan", {"dan@yahoo.com"}},
                    {"ann", {"ann", "ann@phone.example"}}};
  return roster;
}

RoutedDomain shop(Mode mode, bool soak = false) {
  RoutedDomain domain;
  domain.name = "shop.example";
  domain.mode = mode;
  domain.forward = *parse_next_hop(kOld);
  domain.hosted = *parse_next_hop("lmtp:inet:192.0.2.9:24");
  domain.roster = std::make_shared<const RosterIndex>(provider_roster());
  domain.soak = soak;
  return domain;
}

std::string shown(const LookupReply& reply) {
  if (reply.status == LookupStatus::ok) return "OK " + reply.value;
  return reply.status == LookupStatus::temporary ? "TEMP" : "-";
}

struct Row {
  Mode mode;
  const char* name;
  std::string recipient, alias, transport;
};

TEST(Routing, AnswersTheTablesByModeAndRecipient) {
  const std::string known = "OK shop.example";
  const std::string reinject = "OK " + kRelay.reinject;
  const std::string old_server = std::string("OK ") + kSoakOld;
  const std::string hosted = std::string("OK ") + kSoakNew;
  const Row rows[] = {
      {Mode::forward, "joe", known, "-", old_server},
      {Mode::forward, "info", known, "-", old_server},
      {Mode::forward, "nobody", known, "-", old_server},
      {Mode::forward, "postmaster", known, "-", old_server},
      {Mode::split, "joe", known, "-", hosted},
      {Mode::split, "JOE", known, "-", hosted},
      {Mode::split, "joe+shop", known, "-", hosted},
      {Mode::split, "info", known, "OK mary@shop.example", reinject},
      {Mode::split, "nobody", known, "-", old_server},
      {Mode::split, "postmaster", known, "-", old_server},
      {Mode::hosted, "joe", known, "-", hosted},
      {Mode::hosted, "sales", known, "OK mary@shop.example, jane@shop.example", reinject},
      {Mode::hosted, "dan", known, "OK dan@yahoo.com", reinject},
      {Mode::hosted, "ann", known, "OK ann@shop.example, ann@phone.example", hosted},
      {Mode::hosted, "nobody", "-", "-", old_server},
      {Mode::hosted, "postmaster", known, "OK postmaster@provider.example", reinject},
      {Mode::hosted, "ABUSE", known, "OK postmaster@provider.example", reinject},
      {Mode::hold, "joe", "TEMP", "-", "OK retry:4.3.0 mail for shop.example is on hold"},
      {Mode::hold, "nobody", "TEMP", "-", "OK retry:4.3.0 mail for shop.example is on hold"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(to_text(row.mode)) + " " + row.name);
    const auto domain = shop(row.mode, true);
    EXPECT_EQ(shown(answer_domain(&domain)), known);
    EXPECT_EQ(shown(answer_recipient(domain, row.name, TokenKind::none)), row.recipient);
    EXPECT_EQ(shown(answer_alias(domain, kRelay, row.name, TokenKind::none)), row.alias);
    EXPECT_EQ(shown(answer_transport(domain, kRelay, row.name, TokenKind::none)), row.transport);
  }
}

TEST(Routing, NamesThePlainTransportsOutsideTheSoak) {
  EXPECT_EQ(answer_transport(shop(Mode::forward), kRelay, "joe", TokenKind::none).value, kOld);
  EXPECT_EQ(answer_transport(shop(Mode::hosted), kRelay, "joe", TokenKind::none).value, kNew);
}

TEST(Routing, AcceptsNoDomainButItsOwn) {
  EXPECT_EQ(answer_domain(nullptr).status, LookupStatus::not_found);
}

TEST(Routing, SendsTheRestToTheCatchAllOnlyWhenHosted) {
  auto roster = provider_roster();
  roster.catch_all = "mary";
  auto domain = shop(Mode::hosted);
  domain.roster = std::make_shared<const RosterIndex>(roster);
  EXPECT_EQ(answer_alias(domain, kRelay, "nobody", TokenKind::none).value, "mary@shop.example");
  EXPECT_EQ(answer_alias(domain, kRelay, "postmaster", TokenKind::none).value, "mary@shop.example");
  EXPECT_EQ(answer_transport(domain, kRelay, "nobody", TokenKind::none).value, kRelay.reinject);
  domain.mode = Mode::split;
  EXPECT_EQ(answer_alias(domain, kRelay, "nobody", TokenKind::none).status,
            LookupStatus::not_found);
  EXPECT_EQ(answer_transport(domain, kRelay, "nobody", TokenKind::none).value, kOld);
}

TEST(Routing, HasANextHopWithoutAnOldServer) {
  auto domain = shop(Mode::split);
  domain.forward.reset();
  EXPECT_EQ(answer_transport(domain, kRelay, "joe", TokenKind::none).value, kNew);
  EXPECT_TRUE(answer_transport(domain, kRelay, "nobody", TokenKind::none)
                  .value.starts_with("retry:4.1.1 "));
  EXPECT_EQ(answer_alias(domain, kRelay, "abuse", TokenKind::none).value, kRelay.postmaster);
}

TEST(Routing, DefersUnknownNamesInTheirGrace) {
  auto domain = shop(Mode::hosted);
  EXPECT_FALSE(defers_unknown(domain, "nobody", TokenKind::none));
  domain.unknown = UnknownNames::defer;
  EXPECT_TRUE(defers_unknown(domain, "nobody", TokenKind::none));
  EXPECT_FALSE(defers_unknown(domain, "joe", TokenKind::none));
  EXPECT_FALSE(defers_unknown(domain, "abuse", TokenKind::none));
  EXPECT_FALSE(defers_unknown(domain, "nobody", TokenKind::inbound));
  EXPECT_EQ(answer_recipient(domain, "nobody", TokenKind::none).status, LookupStatus::ok);
}

TEST(Routing, KnowsNoRouteThroughTheDomainInAnyMode) {
  for (const Mode mode : {Mode::forward, Mode::split, Mode::hosted, Mode::hold}) {
    const auto domain = shop(mode);
    for (const char* name : {"joe%victim.example", "victim!joe", "joe@victim.example",
                             "\"joe@victim.example\"", "joe+x%victim.example"}) {
      EXPECT_EQ(answer_recipient(domain, name, TokenKind::none).status, LookupStatus::not_found)
          << name;
    }
  }
}

TEST(Routing, CarriesProbesWhateverTheMode) {
  for (const Mode mode : {Mode::forward, Mode::split, Mode::hosted, Mode::hold}) {
    const auto domain = shop(mode);
    for (const auto token : {TokenKind::inbound, TokenKind::hosted}) {
      EXPECT_EQ(answer_recipient(domain, "t", token).status, LookupStatus::ok);
      EXPECT_EQ(answer_alias(domain, kRelay, "t", token).status, LookupStatus::not_found);
    }
    EXPECT_EQ(answer_transport(domain, kRelay, "t", TokenKind::inbound).value, "discard:probe");
    EXPECT_EQ(answer_transport(domain, kRelay, "t", TokenKind::hosted).value, kNew);
  }
}

TEST(Routing, WithholdsEveryRouteWhenToldTo) {
  for (const Mode mode : {Mode::forward, Mode::split, Mode::hosted, Mode::hold}) {
    auto domain = shop(mode);
    domain.withheld = "the next hop is a relay node";
    for (const char* name : {"joe", "info", "nobody", "postmaster"}) {
      EXPECT_EQ(answer_domain(&domain).status, LookupStatus::ok);
      for (const auto& reply : {answer_recipient(domain, name, TokenKind::none),
                                answer_alias(domain, kRelay, name, TokenKind::none),
                                answer_transport(domain, kRelay, name, TokenKind::none)}) {
        EXPECT_EQ(reply.status, LookupStatus::temporary);
        EXPECT_EQ(reply.value, *domain.withheld);
      }
    }
  }
}

}  // namespace
}  // namespace mxswitch::orchestrator
