#include "monitor/propagation/companions.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using probes::RrType;
using Kind = Obligation::Kind;

const DnsName kExchange = *DnsName::parse("mx1.filter.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

AuthorityAddress server(int number) {
  return {*DnsName::parse("ns" + std::to_string(number) + ".filter.example"),
          *Endpoint::parse("198.51.100." + std::to_string(number))};
}

ListedCompanion listed(RrType type, const DnsName& name = kExchange) {
  ListedCompanion one;
  one.name = name;
  one.type = type;
  one.endpoints = {server(1), server(2)};
  return one;
}

class CompanionsTest : public testing::Test {
 protected:
  CompanionsTest() {
    input_.owner = *DnsName::parse("shop.example");
    input_.expected = *MxSet::parse("10 mx1.filter.example");
    input_.policy.authority_spread = seconds(10);
    input_.policy.clock_error = seconds(1);
    input_.policy.history_ttl = seconds(0);
    companions_.enumerate({listed(RrType::a), listed(RrType::aaaa)}, at(0));
  }

  CompanionSample sample(int number, int when, RrType type, const std::string& data,
                         std::uint32_t ttl) {
    CompanionSample made;
    made.name = kExchange;
    made.type = type;
    made.server = server(number).server;
    made.endpoint = server(number).endpoint;
    made.sent_at = made.received_at = at(when);
    made.outcome = data.empty() ? Outcome::no_data : Outcome::answered;
    made.authoritative = true;
    made.data = data;
    made.ttl = ttl;
    return made;
  }
  bool answer(int number, int when, const std::string& data, std::uint32_t ttl = 300,
              RrType type = RrType::a) {
    return companions_.observe(sample(number, when, type, data, ttl), true);
  }
  bool silence(int number, int when, bool before_change = true) {
    CompanionSample made = sample(number, when, RrType::a, "", 0);
    made.outcome = Outcome::timed_out;
    made.authoritative = false;
    return companions_.observe(made, before_change);
  }
  void both(int when, const std::string& data, std::uint32_t ttl = 300) {
    for (int number : {1, 2}) {
      answer(number, when, data, ttl);
      answer(number, when, "", 60, RrType::aaaa);
    }
  }
  Condition judge(int when) {
    return judge_companions(input_, companions_, seconds(30), true, at(when));
  }
  std::vector<Obligation> obligations(int when) {
    return companion_obligations(input_, companions_, at(when));
  }

  PropagationInput input_;
  Companions companions_;
};

TEST_F(CompanionsTest, WhatAllServeNowOwesNothing) {
  EXPECT_EQ(judge(0).holds, Holds::unknown);
  EXPECT_EQ(judge(0).reasons[0].code, "companion-not-asked");
  both(0, "192.0.2.1");
  EXPECT_EQ(judge(1).holds, Holds::yes) << judge(1).reasons[0].text;
  EXPECT_TRUE(obligations(1).empty());
  EXPECT_FALSE(companions_changed_at(companions_, at(1)));
}

TEST_F(CompanionsTest, AnEarlierAddressIsOwedFromTheFirstLaterAnswer) {
  both(0, "192.0.2.1", 3600);
  both(100, "192.0.2.1", 20);  // lowered
  answer(1, 200, "192.0.2.9", 20);
  // Nobody says which of the two it should be.
  EXPECT_EQ(judge(201).reasons.at(0).code, "companion-disagree");
  EXPECT_EQ(judge(201).holds, Holds::no);
  bool open = false;
  for (const Obligation& one : obligations(201)) open = open || !one.until;
  EXPECT_TRUE(open);

  answer(2, 230, "192.0.2.9", 20);
  EXPECT_EQ(judge(231).holds, Holds::yes);
  const auto owed = obligations(231);
  ASSERT_EQ(owed.size(), 4u);
  Time latest{};
  for (const Obligation& one : owed) {
    EXPECT_EQ(one.kind, Kind::address);
    EXPECT_EQ(one.what, "mx1.filter.example A 192.0.2.1");
    latest = std::max(latest, one.until.value());
  }
  EXPECT_EQ(latest, at(100 + 11 + 3600)) << "the TTL that was lowered";
  EXPECT_EQ(companions_changed_at(companions_, at(231)), at(230));
}

TEST_F(CompanionsTest, WhatChangesInTheWatchOwesTheTimeBeforeIt) {
  input_.policy.history_ttl = seconds(86400);
  input_.declared_old_ttl = seconds(20);  // which speaks for the MX alone
  both(0, "192.0.2.1", 20);
  EXPECT_TRUE(obligations(1).empty());
  both(100, "192.0.2.9", 20);
  Time latest{};
  for (const Obligation& one : obligations(101)) latest = std::max(latest, one.until.value());
  EXPECT_EQ(latest, at(0 + 11 + 86400));
}

TEST_F(CompanionsTest, ANewTtlOfTheSameSetOwesNothing) {
  both(0, "192.0.2.1", 3600);
  both(100, "192.0.2.1", 86400);
  EXPECT_TRUE(obligations(101).empty());
  EXPECT_FALSE(companions_changed_at(companions_, at(101)));
}

TEST_F(CompanionsTest, ARollbackOwesWhatStoodBetween) {
  both(0, "192.0.2.1");
  both(100, "192.0.2.9", 600);
  both(200, "192.0.2.1");
  const auto owed = obligations(201);
  ASSERT_EQ(owed.size(), 2u);
  EXPECT_EQ(owed[0].what, "mx1.filter.example A 192.0.2.9");
  EXPECT_EQ(owed[0].until, at(200 + 11 + 600));
}

TEST_F(CompanionsTest, AFamilyThatIsAddedWasAbsentInCaches) {
  both(0, "192.0.2.1");
  for (int number : {1, 2}) answer(number, 100, "2001:db8::1", 300, RrType::aaaa);
  const auto owed = obligations(101);
  ASSERT_EQ(owed.size(), 2u);
  EXPECT_EQ(owed[0].what, "mx1.filter.example AAAA nothing");
  EXPECT_EQ(owed[0].until, at(100 + 11 + 60)) << "the negative TTL";
}

TEST_F(CompanionsTest, SilenceHoldsBackAndALameServerIsAWarning) {
  both(0, "192.0.2.1");
  for (int i = 1; i <= 3; ++i) silence(2, i * 30);
  EXPECT_EQ(judge(91).holds, Holds::unknown);
  EXPECT_EQ(judge(91).reasons[0].code, "companion-silent");
  answer(2, 120, "192.0.2.1");
  EXPECT_EQ(judge(121).holds, Holds::yes);

  input_.ignored_authorities = {{"ns2.filter.example", "dead for years"}};
  for (int i = 1; i <= 3; ++i) silence(2, 120 + i * 30);
  EXPECT_EQ(judge(211).holds, Holds::yes);
}

TEST_F(CompanionsTest, AServerThatNeverAnsweredBeforeTheChangeIsAWarning) {
  answer(1, 0, "192.0.2.1");
  for (int number : {1, 2}) answer(number, 0, "", 60, RrType::aaaa);
  for (int i = 1; i <= 3; ++i) silence(2, i * 30);
  EXPECT_EQ(judge(91).holds, Holds::yes);
  const auto warnings = companion_warnings(input_, companions_, at(91));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("ns2.filter.example (198.51.100.2) does not answer"),
            std::string::npos);
}

TEST_F(CompanionsTest, ExchangesMustHaveAddressesOfTheirOwn) {
  both(0, "");
  EXPECT_EQ(judge(1).reasons.at(0).code, "exchange-no-address");
  EXPECT_EQ(judge(1).holds, Holds::no);
  both(10, "192.0.2.1");
  EXPECT_EQ(judge(11).holds, Holds::yes);
  CompanionSample alias = sample(2, 20, RrType::a, "CNAME elsewhere.example", 300);
  alias.aliased = true;
  companions_.observe(alias, true);
  EXPECT_EQ(judge(21).reasons.at(0).code, "exchange-cname");
}

TEST_F(CompanionsTest, AnExchangeThatWasNotFoundFailsOrIsUnknown) {
  for (bool nonexistent : {true, false}) {
    auto a = listed(RrType::a), aaaa = listed(RrType::aaaa);
    for (auto* one : {&a, &aaaa}) {
      one->endpoints.clear();
      one->fault = "no such name";
      one->nonexistent = nonexistent;
    }
    Companions companions;
    companions.enumerate({a, aaaa}, at(0));
    const Condition found = judge_companions(input_, companions, seconds(30), true, at(1));
    ASSERT_EQ(found.reasons.size(), 1u);
    EXPECT_EQ(found.reasons[0].code, "exchange-unresolved");
    EXPECT_EQ(found.holds, nonexistent ? Holds::no : Holds::unknown);
  }
}

TEST_F(CompanionsTest, AFailedWalkTakesNoServerAway) {
  both(0, "192.0.2.1");
  auto a = listed(RrType::a), aaaa = listed(RrType::aaaa);
  for (auto* one : {&a, &aaaa}) {
    one->endpoints.clear();
    one->fault = "no server of the zone answered";
  }
  companions_.enumerate({a, aaaa}, at(10));
  EXPECT_EQ(judge(11).reasons.at(0).code, "exchange-unresolved");
  companions_.enumerate({listed(RrType::a), listed(RrType::aaaa)}, at(20));
  EXPECT_EQ(judge(21).holds, Holds::yes);
  EXPECT_TRUE(obligations(21).empty());
}

TEST_F(CompanionsTest, ExchangesThatAreNotExpectedOweNothing) {
  both(0, "192.0.2.1");
  both(100, "192.0.2.9");
  input_.expected = *MxSet::parse("10 mx2.filter.example");
  EXPECT_TRUE(obligations(101).empty());
  const Condition found = judge(101);
  EXPECT_EQ(found.holds, Holds::unknown) << "no walk has looked for the other exchange";
  EXPECT_EQ(found.reasons.at(0).code, "exchange-not-asked");
}

TEST_F(CompanionsTest, APoolThatRotatesIsNoChange) {
  const std::vector<std::string> parts = {"192.0.2.1, 192.0.2.2", "192.0.2.2, 192.0.2.3",
                                          "192.0.2.1, 192.0.2.3"};
  for (int i = 0; i < 12; ++i) {
    answer(1, i * 30, parts[static_cast<std::size_t>(i) % 3], 10);
    answer(2, i * 30, parts[static_cast<std::size_t>(i + 1) % 3], 10);
    for (int number : {1, 2}) answer(number, i * 30, "", 60, RrType::aaaa);
  }
  EXPECT_TRUE(obligations(340).empty());
  EXPECT_EQ(judge(340).holds, Holds::yes);
  const auto warnings = companion_warnings(input_, companions_, at(340));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("each of its 3 addresses"), std::string::npos);
}

TEST_F(CompanionsTest, ARollbackAndItsRepetitionAreNoPool) {
  for (int i = 0; i < 4; ++i) both(i * 30, i % 2 == 0 ? "192.0.2.1" : "192.0.2.9");
  EXPECT_EQ(obligations(100).size(), 2u);
  EXPECT_EQ(obligations(100)[0].what, "mx1.filter.example A 192.0.2.1");
}

TEST_F(CompanionsTest, OneVersionMoreThanIsKeptCostsTheFirstToExpire) {
  answer(1, 0, "192.0.2.200", 86400);
  answer(2, 0, "192.0.2.99", 10);
  for (int i = 1; i < 40; ++i) answer(1, i, "192.0.2." + std::to_string(i), 10);
  answer(1, 40, "192.0.2.99", 10);
  Time latest{};
  for (const Obligation& one : obligations(41)) latest = std::max(latest, one.until.value());
  EXPECT_EQ(latest, at(1 + 11 + 86400));
  EXPECT_LE(companions_.all()[0].servers[0].versions.size(), 16u);
}

TEST_F(CompanionsTest, AZoneThatIsNoLongerSignedOwesItsKeys) {
  const DnsName zone = input_.owner;
  companions_.enumerate({listed(RrType::a), listed(RrType::aaaa), listed(RrType::ds, zone)}, at(0));
  both(0, "192.0.2.1");
  for (int number : {1, 2}) {
    CompanionSample ds = sample(number, 0, RrType::ds, "1 13 2 abcd", 86400);
    ds.name = zone;
    companions_.observe(ds, true);
  }
  EXPECT_TRUE(obligations(1).empty());
  companions_.enumerate({listed(RrType::a), listed(RrType::aaaa)}, at(500));
  const auto owed = obligations(501);
  ASSERT_EQ(owed.size(), 2u);
  EXPECT_EQ(owed[0].kind, Kind::ds);
  EXPECT_EQ(owed[0].until, at(500 + 11 + 86400));
}

TEST_F(CompanionsTest, LinksSayWhenTheChainStands) {
  const DnsName owner = input_.owner;
  EXPECT_EQ(companions_.aliased_since(), Time());
  companions_.enumerate({listed(RrType::cname, owner)}, at(0));
  EXPECT_TRUE(companions_.has_alias());
  CompanionSample link = sample(1, 10, RrType::cname, "mail.host.example", 300);
  link.name = owner;
  companions_.observe(link, true);
  EXPECT_FALSE(companions_.aliased_since()) << "the other server was not asked yet";
  link.server = server(2).server;
  link.endpoint = server(2).endpoint;
  link.received_at = at(30);
  link.outcome = Outcome::no_data;
  link.data = "";
  companions_.observe(link, true);
  EXPECT_FALSE(companions_.aliased_since()) << "it has no CNAME yet";
  link.outcome = Outcome::answered;
  link.data = "mail.host.example";
  link.received_at = at(60);
  companions_.observe(link, true);
  EXPECT_EQ(companions_.aliased_since(), at(60));
  EXPECT_EQ(companions_.alias_ttl(), 300u);
}

TEST_F(CompanionsTest, TimeThatCantBeProvedCountsFromNow) {
  both(0, "192.0.2.1");
  both(100, "192.0.2.9");
  companions_.restart(at(5000));
  EXPECT_EQ(obligations(5001).at(0).until, at(5000 + 11 + 300));
}

TEST_F(CompanionsTest, IsAskedOftenUntilItAgreesThenSeldom) {
  Policy policy;
  const CompanionServer& first = companions_.all()[0].servers[0];
  const auto next = [&](bool active, int now) {
    return next_companion_poll(first, policy, seconds(30), active, at(now));
  };
  EXPECT_EQ(next(true, 7), at(7));
  both(10, "192.0.2.1");
  EXPECT_EQ(next(true, 11), at(40));
  EXPECT_EQ(next(false, 11), at(10 + 1800));
  for (int when : {40, 70}) both(when, "192.0.2.1");
  EXPECT_EQ(next(true, 71), at(370));
  silence(1, 370);
  EXPECT_EQ(next(true, 371), at(400));
}

}  // namespace
}  // namespace mxswitch::monitor
