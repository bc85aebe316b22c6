#include "monitor/watch/txt_schedule.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const DnsName kOwner = *DnsName::parse("shop.example");
const DnsName kTarget = *DnsName::parse("spf.filter.example");
const SpfWish kWish{kOwner, {}};
const TxtServer kAuthority{true, "ns1.shop.example", *Endpoint::parse("198.51.100.11"), kOwner};
const TxtServer kResolver{false, "Google", *Endpoint::parse("8.8.8.8"), kOwner};
const TxtServer kResolverOfTarget{false, "Google", *Endpoint::parse("8.8.8.8"), kTarget};

TxtSample sample(const TxtServer& server, Time at, Outcome outcome, std::uint32_t ttl) {
  TxtSample made;
  made.from_authority = server.from_authority;
  made.server = server.name;
  made.endpoint = server.endpoint;
  made.received_at = at;
  made.outcome = outcome;
  made.ttl = ttl;
  made.name = server.asked;
  return made;
}

probes::ResolverList google() {
  probes::Resolver resolver;
  resolver.endpoint = kResolver.endpoint;
  resolver.operator_name = kResolver.name;
  return std::vector{resolver};
}

TEST(TxtSchedule, ResolversWaitUntilTheChangeHasBegun) {
  TxtSchedule schedule{Policy{}, google(), kWish};
  schedule.set_authorities({kAuthority}, kStart);
  EXPECT_EQ(schedule.take_due(kStart), std::vector{kAuthority});
  EXPECT_FALSE(schedule.next()) << "the authority is under way, the resolver is not allowed";
  schedule.follow(TxtPhase::draining, true, kStart);
  EXPECT_EQ(schedule.take_due(kStart), std::vector{kResolver});
  EXPECT_TRUE(schedule.take_due(kStart).empty()) << "both are under way";
}

TEST(TxtSchedule, TellsWhoWasNotAskedYet) {
  TxtSchedule schedule{Policy{}, google(), {kOwner, {"include:spf.filter.example"}}};
  schedule.set_authorities({kAuthority}, kStart);
  EXPECT_EQ(schedule.unasked(), std::vector{kAuthority.endpoint});
  schedule.observe(sample(kAuthority, kStart, Outcome::timed_out, 0));
  EXPECT_TRUE(schedule.unasked().empty()) << "silence is an answer too";
  schedule.follow(TxtPhase::draining, true, kStart);
  EXPECT_EQ(schedule.unasked(), std::vector{kResolver.endpoint}) << "about the owner alone";
  schedule.observe(sample(kResolver, kStart, Outcome::answered, 60));
  EXPECT_TRUE(schedule.unasked().empty());
}

TEST(TxtSchedule, AResolverIsAskedAgainRightAfterExpiry) {
  struct Case {
    Outcome outcome;
    std::uint32_t ttl;
    seconds pause;
  };
  const Policy policy;
  for (const Case& c :
       {Case{Outcome::answered, 40, seconds(41)}, Case{Outcome::answered, 0, seconds(5)},
        Case{Outcome::answered, 86400, seconds(86401)}, Case{Outcome::no_data, 60, seconds(61)},
        Case{Outcome::servfail, 0, seconds(30)}, Case{Outcome::timed_out, 0, seconds(30)}}) {
    TxtSchedule schedule(policy, google(), kWish);
    schedule.follow(TxtPhase::draining, true, kStart);
    schedule.take_due(kStart);
    schedule.observe(sample(kResolver, kStart, c.outcome, c.ttl));
    EXPECT_EQ(schedule.next(), kStart + c.pause) << "ttl " << c.ttl;
  }
}

TEST(TxtSchedule, NearTheSwitchAnswersStayFresh) {
  const Policy policy;
  TxtSchedule schedule(policy, google(), kWish);
  schedule.follow(TxtPhase::draining, true, kStart);
  schedule.take_due(kStart);
  schedule.observe(sample(kResolver, kStart, Outcome::answered, 86400));
  schedule.follow(TxtPhase::draining, true, kStart + seconds(600));
  EXPECT_EQ(schedule.next(), kStart + seconds(86401)) << "a full cache says nothing new";
  const Time passed = kStart + seconds(4000);
  schedule.follow(TxtPhase::near, true, passed);
  ASSERT_EQ(schedule.take_due(passed), std::vector{kResolver}) << "older than the gate takes";
  schedule.observe(sample(kResolver, passed, Outcome::answered, 82400));
  EXPECT_EQ(schedule.next(), passed + policy.validity / 3);
  schedule.follow(TxtPhase::near, true, passed + seconds(1));
  EXPECT_EQ(schedule.next(), passed + policy.validity / 3);
}

TEST(TxtSchedule, AnIncludesTargetIsAskedPerResolverWithItsOwnTtl) {
  TxtSchedule schedule{Policy{}, google(), {kOwner, {"include:spf.filter.example", "mx"}}};
  schedule.set_authorities({kAuthority}, kStart);
  schedule.follow(TxtPhase::draining, true, kStart);
  EXPECT_EQ(schedule.take_due(kStart), (std::vector{kResolverOfTarget, kResolver, kAuthority}))
      << "its own zone's authorities are not ours to ask";
  schedule.observe(sample(kResolver, kStart, Outcome::answered, 3600));
  schedule.observe(sample(kAuthority, kStart, Outcome::answered, 3600));
  schedule.observe(sample(kResolverOfTarget, kStart, Outcome::answered, 20));
  EXPECT_EQ(schedule.next(), kStart + seconds(21));
  EXPECT_EQ(schedule.samples().size(), 3u);
}

TEST(TxtSchedule, AuthoritiesArePolledAsThePhaseOfTheChangeAsks) {
  TxtSchedule schedule{Policy{}, {}, kWish};
  schedule.set_authorities({kAuthority}, kStart);
  schedule.take_due(kStart);
  schedule.observe(sample(kAuthority, kStart, Outcome::answered, 60));
  EXPECT_EQ(schedule.next(), kStart + Policy{}.authority_poll_before);
  const Time sign = kStart + seconds(40);
  schedule.follow(TxtPhase::draining, false, sign);
  ASSERT_EQ(schedule.take_due(sign), std::vector{kAuthority}) << "a sign of the change: at once";
  schedule.observe(sample(kAuthority, sign, Outcome::answered, 60));
  EXPECT_EQ(schedule.next(), sign + Policy{}.authority_poll);
}

TEST(TxtSchedule, AServerThatIsGoneIsForgotten) {
  TxtSchedule schedule{Policy{}, {}, kWish};
  schedule.set_authorities({kAuthority}, kStart);
  schedule.take_due(kStart);
  schedule.observe(sample(kAuthority, kStart, Outcome::answered, 60));
  ASSERT_EQ(schedule.samples().size(), 1u);
  schedule.set_authorities({}, kStart);
  EXPECT_TRUE(schedule.samples().empty());
  schedule.observe(sample(kAuthority, kStart, Outcome::answered, 60));
  EXPECT_TRUE(schedule.samples().empty()) << "a late answer brings nothing back";
}

}  // namespace
}  // namespace mxswitch::monitor
