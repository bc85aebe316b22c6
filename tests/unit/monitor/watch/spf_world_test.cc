// A change of SPF in virtual time: the owner's record and the one behind its include lie in the
// caches of each resolver with TTLs of their own, and converge on their own.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "monitor/watch/txt_schedule.h"

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const Time kChange = kStart + seconds(4000);        // of the owner's record
const Time kTargetChange = kStart + seconds(9000);  // of the include's, long after
const DnsName kOwner = *DnsName::parse("shop.example");
const DnsName kTarget = *DnsName::parse("spf.filter.example");
constexpr int kResolvers = 20;

struct Record {
  Time changes_at;
  std::string old_text, new_text;
  std::uint32_t ttl = 0;
  const std::string& at(Time now) const { return now < changes_at ? old_text : new_text; }
};

struct Copy {
  std::string text;
  Time expires_at{};
};

class SpfWorld {
 public:
  SpfWorld() {
    records_[kOwner] = {kChange, "v=spf1 a ~all", "v=spf1 include:spf.filter.example ~all", 3600};
    records_[kTarget] = {kTargetChange, "v=spf1 ip4:192.0.2.0/28 -all",
                         "v=spf1 ip4:192.0.2.0/27 -all", 300};
    // Other people asked at moments of their own.
    std::mt19937_64 chance{7};
    for (auto& [name, record] : records_)
      for (int i = 0; i < kResolvers; ++i) {
        const Time fetched = kStart - seconds(chance() % record.ttl);
        copies_[{name, i}] = {record.at(fetched), fetched + seconds(record.ttl)};
      }
  }

  TxtSample answer(const TxtServer& server, Time now) {
    const Record& record = records_.at(server.asked);
    TxtSample sample;
    sample.from_authority = server.from_authority;
    sample.server = server.name;
    sample.endpoint = server.endpoint;
    sample.name = server.asked;
    sample.received_at = now;
    sample.outcome = Outcome::answered;
    sample.texts = {record.at(now)};
    sample.ttl = record.ttl;
    if (server.from_authority) return sample;
    Copy& copy = copy_of(server.asked, server.endpoint.address.bytes()[3] - 1, now);
    sample.texts = {copy.text};
    sample.ttl =
        static_cast<std::uint32_t>(std::chrono::floor<seconds>(copy.expires_at - now).count());
    return sample;
  }

  // When the last copy of another record than the one of `now` expires.
  Time last_other(const DnsName& name, Time now) {
    Time last{};
    for (int i = 0; i < kResolvers; ++i) {
      const Copy& copy = copy_of(name, i, now);
      if (copy.expires_at > now && copy.text != records_.at(name).at(now))
        last = std::max(last, copy.expires_at);
    }
    return last;
  }

 private:
  Copy& copy_of(const DnsName& name, int resolver, Time now) {
    Copy& copy = copies_.at({name, resolver});
    const Record& record = records_.at(name);
    while (copy.expires_at <= now)  // somebody asks at once
      copy = {record.at(copy.expires_at), copy.expires_at + seconds(record.ttl)};
    return copy;
  }

  std::map<DnsName, Record> records_;
  std::map<std::pair<DnsName, int>, Copy> copies_;
};

probes::ResolverList resolvers() {
  std::vector<probes::Resolver> all(kResolvers);
  for (int i = 0; i < kResolvers; ++i) {
    all[static_cast<std::size_t>(i)].endpoint =
        *Endpoint::parse("192.0.2." + std::to_string(i + 1));
    all[static_cast<std::size_t>(i)].operator_name = "operator " + std::to_string(i + 1);
  }
  return all;
}

struct Converged {
  std::optional<Time> owner, target;  // when it was said first, after the change
  int owner_queries = 0, target_queries = 0;
};

Converged play() {
  SpfWorld world;
  TxtSchedule schedule(Policy(), resolvers(), {kOwner, {"include:spf.filter.example"}});
  schedule.set_authorities({{true, "ns1", *Endpoint::parse("198.51.100.11"), {}}}, kStart);
  Converged found;
  for (Time now = kStart; now < kStart + seconds(12'000);) {
    schedule.follow(TxtPhase::draining, now >= kChange, now);
    for (const TxtServer& server : schedule.take_due(now)) {
      if (!server.from_authority && now >= kChange)
        ++(server.asked == kOwner ? found.owner_queries : found.target_queries);
      schedule.observe(world.answer(server, now));
    }
    if (now >= kChange + seconds(60)) {
      const auto report = judge_spf_text(schedule.wish(), schedule.samples(), now);
      const Time other = world.last_other(kOwner, now);
      const bool all_see = report.seeing == kResolvers && report.current == kResolvers;
      EXPECT_FALSE(all_see && other > now) << "a copy of the old record is still there";
      EXPECT_GE(report.converges_at.value_or(Time::max()), all_see ? Time() : other - seconds(1));
      if (all_see && !found.owner) found.owner = now;
      const SpfTargetReport& target = report.targets.at(0);
      const bool agree = target.resolvers == kResolvers && target.texts == 1;
      if (now > kTargetChange + seconds(10) && agree && world.last_other(kTarget, now) <= now &&
          !found.target)
        found.target = now;
      EXPECT_LE(target.converges_at.value_or(now), now + seconds(300))
          << "by the target's TTL, not the owner's";
    }
    now = std::max(std::min(schedule.next().value_or(now + seconds(30)), now + seconds(30)),
                   now + Duration(100));
  }
  return found;
}

TEST(SpfWorld, TheRecordAndItsIncludeConvergeByTheirOwnTtls) {
  const Converged found = play();
  ASSERT_TRUE(found.owner && found.target);
  EXPECT_GT(*found.owner, kChange + seconds(300));
  EXPECT_LE(*found.owner, kChange + seconds(3600 + 10));
  EXPECT_LE(*found.target, kTargetChange + seconds(300 + 10));
  // Right after the expiry of each copy: 8,000 s of 3,600 s and of 300 s.
  EXPECT_LE(found.owner_queries, kResolvers * 4);
  EXPECT_LE(found.target_queries, kResolvers * 29);
}

}  // namespace
}  // namespace mxswitch::monitor
