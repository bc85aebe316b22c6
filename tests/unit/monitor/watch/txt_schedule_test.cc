#include "monitor/watch/txt_schedule.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const TxtServer kAuthority{true, "ns1.shop.example", *Endpoint::parse("198.51.100.11")};
const TxtServer kResolver{false, "Google", *Endpoint::parse("8.8.8.8")};

TxtSample sample(const TxtServer& server, Time at, Outcome outcome, std::uint32_t ttl) {
  TxtSample made;
  made.from_authority = server.from_authority;
  made.server = server.name;
  made.endpoint = server.endpoint;
  made.received_at = at;
  made.outcome = outcome;
  made.ttl = ttl;
  return made;
}

probes::ResolverList google() {
  probes::Resolver resolver;
  resolver.endpoint = kResolver.endpoint;
  resolver.operator_name = kResolver.name;
  return std::vector{resolver};
}

TEST(TxtSchedule, ResolversWaitUntilTheChangeHasBegun) {
  TxtSchedule schedule{Policy{}, google()};
  schedule.set_authorities({kAuthority}, kStart);
  EXPECT_EQ(schedule.take_due(kStart), std::vector{kAuthority});
  EXPECT_FALSE(schedule.next()) << "the authority is under way, the resolver is not allowed";
  schedule.follow(true, true, kStart);
  EXPECT_EQ(schedule.take_due(kStart), std::vector{kResolver});
  EXPECT_TRUE(schedule.take_due(kStart).empty()) << "both are under way";
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
        Case{Outcome::answered, 86400, seconds(300)}, Case{Outcome::no_data, 60, seconds(61)},
        Case{Outcome::servfail, 0, seconds(30)}, Case{Outcome::timed_out, 0, seconds(30)}}) {
    TxtSchedule schedule(policy, google());
    schedule.follow(true, true, kStart);
    schedule.take_due(kStart);
    schedule.observe(sample(kResolver, kStart, c.outcome, c.ttl));
    EXPECT_EQ(schedule.next(), kStart + c.pause) << "ttl " << c.ttl;
  }
}

TEST(TxtSchedule, AuthoritiesArePolledAsThePhaseOfTheChangeAsks) {
  TxtSchedule schedule{Policy{}, {}};
  schedule.set_authorities({kAuthority}, kStart);
  schedule.take_due(kStart);
  schedule.observe(sample(kAuthority, kStart, Outcome::answered, 60));
  EXPECT_EQ(schedule.next(), kStart + Policy{}.authority_poll_before);
  const Time sign = kStart + seconds(40);
  schedule.follow(true, false, sign);
  ASSERT_EQ(schedule.take_due(sign), std::vector{kAuthority}) << "a sign of the change: at once";
  schedule.observe(sample(kAuthority, sign, Outcome::answered, 60));
  EXPECT_EQ(schedule.next(), sign + Policy{}.authority_poll);
}

TEST(TxtSchedule, AServerThatIsGoneIsForgotten) {
  TxtSchedule schedule{Policy{}, {}};
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
