#include "monitor/watch/agenda.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const MxSet kOld = MxSet::parse("10 mail.shop.example").value();
const MxSet kNew = MxSet::parse("10 mx1.filter.example").value();
const AuthorityAddress kServer{DnsName::parse("ns1.shop.example").value(),
                               Endpoint::parse("198.51.100.11").value()};
const ClockReading kClock{kStart, kStart, Duration(0), "boot", true, Duration(1)};

ClockReading clock_at(Time now) {
  ClockReading clock = kClock;
  clock.now = now;
  return clock;
}

WatchedOwner owner(const std::string& name) {
  WatchedOwner made;
  made.input.owner = DnsName::parse(name).value();
  made.input.expected = kNew;
  return made;
}

std::shared_ptr<Watched> add(Agenda& agenda, const std::string& name, Time now) {
  const WatchedOwner made = owner(name);
  return agenda.add(made, Propagation(made.input, now), now);
}

AuthoritySample answer(const std::shared_ptr<Watched>& entry, const MxSet& set, Time at) {
  AuthoritySample sample;
  sample.owner = entry->core.input().owner;
  sample.server = kServer.server;
  sample.endpoint = kServer.endpoint;
  sample.sent_at = sample.received_at = at;
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.set = set;
  sample.ttl = 3600;
  return sample;
}

// Walks the delegation of everything that asks for it.
void walk_all(Agenda& agenda, Time now) {
  for (Task& task : agenda.take_due(now)) {
    WalkResult found;
    found.endpoints = {kServer};
    if (std::holds_alternative<Walk>(task.what)) agenda.walked(task.entry, found, now);
  }
}

std::optional<ObservationRow> authority_run(const Save& save) {
  for (const ObservationRow& row : save.owners[0].rows)
    if (row.kind == "authority") return row;
  return std::nullopt;
}

TEST(Agenda, AsksForAWalkThenForTheAuthorities) {
  Agenda agenda{Rates{}};
  const auto entry = add(agenda, "shop.example", kStart);
  const auto first = agenda.take_due(kStart);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Walk>(first[0].what));
  EXPECT_TRUE(agenda.take_due(kStart).empty()) << "the walk is under way";

  WalkResult found;
  found.endpoints = {kServer};
  agenda.walked(entry, found, kStart);
  const auto second = agenda.take_due(kStart);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(std::get<ProbeDue>(second[0].what).kind, ProbeKind::authority);
  EXPECT_TRUE(agenda.take_due(kStart + seconds(1)).empty()) << "the poll is under way";
}

// Whoever composes a report again only then misses nothing that a sample or the time brings.
TEST(Agenda, CountsALookWheneverAReportMaySaySomethingElse) {
  Agenda agenda{Rates{}};
  const auto entry = add(agenda, "shop.example", kStart);
  walk_all(agenda, kStart);
  agenda.take_due(kStart);
  std::uint64_t looks = entry->looks;
  agenda.take_due(kStart);
  EXPECT_EQ(entry->looks, looks) << "nothing came";
  entry->take(answer(entry, kNew, kStart + seconds(1)));
  agenda.touched(entry, kStart + seconds(1));
  agenda.take_due(kStart + seconds(1));
  EXPECT_GT(entry->looks, looks);
  looks = entry->looks;
  const Time next = *agenda.next_wakeup();
  agenda.take_due(next - Duration(1));
  EXPECT_EQ(entry->looks, looks);
  agenda.take_due(next);
  EXPECT_GT(entry->looks, looks) << "time passed";
}

TEST(Agenda, OneLimitHoldsOverAllOwners) {
  Rates rates;
  rates.authority = {1, 1};
  Agenda agenda{rates};
  for (const char* name : {"a.example", "b.example", "c.example"}) add(agenda, name, kStart);
  walk_all(agenda, kStart);
  std::vector<Time> slots;
  for (const Task& task : agenda.take_due(kStart)) slots.push_back(task.at);
  EXPECT_EQ(slots, (std::vector{kStart, kStart + seconds(1), kStart + seconds(2)}));
  EXPECT_EQ(agenda.find(DnsName::parse("a.example").value())->stretched(kStart), "");
  EXPECT_NE(agenda.find(DnsName::parse("c.example").value())->stretched(kStart).find("waited 2 s"),
            std::string::npos);
  EXPECT_TRUE(agenda.take_due(kStart + seconds(15)).empty())
      << "a poll that waits for its slot is not asked for again";
}

TEST(Agenda, WhatAResolverCallsItselfTakesNoSlotOfItsOwn) {
  Rates rates;
  rates.resolver = {0.01, 1};
  Agenda agenda{rates};
  WatchedOwner made = owner("shop.example");
  probes::Resolver resolver;
  resolver.endpoint = Endpoint::parse("198.51.100.53").value();
  made.input.resolvers = std::vector{resolver};
  const auto entry = agenda.add(made, Propagation(made.input, kStart), kStart);
  walk_all(agenda, kStart);
  entry->take(answer(entry, kOld, kStart));
  entry->take(answer(entry, kNew, kStart + seconds(30)));

  const Time near = *entry->core.strict_until(kStart + seconds(30)) - seconds(60);
  ControlSample control;
  control.resolver = resolver.endpoint;
  control.received_at = near;
  control.root_answered = true;
  entry->take(control);
  ResolverSample sample;
  sample.owner = made.input.owner;
  sample.resolver = resolver.endpoint;
  sample.sent_at = sample.received_at = near;
  sample.outcome = Outcome::answered;
  sample.set = kNew;
  entry->take(sample);
  agenda.touched(entry, near);
  const auto identity = [&](Time now) -> std::optional<Time> {
    for (const Task& task : agenda.take_due(now))
      if (const auto* probe = std::get_if<ProbeDue>(&task.what))
        if (probe->kind == ProbeKind::identity) return task.at;
    return std::nullopt;
  };
  for (int i = 0; i < 3; ++i) agenda.pacer().reserve(resolver.endpoint, rates.resolver, near);
  EXPECT_EQ(identity(near), near) << "the one question for all owners waits in its place";
  EXPECT_EQ(identity(near + seconds(60)), std::nullopt) << "it is under way";

  sample.nsid = "site-1";
  entry->take(sample);
  agenda.touched(entry, near + seconds(200));
  EXPECT_EQ(identity(near + seconds(200)), std::nullopt) << "an NSID is name enough";
}

TEST(Agenda, ADiscoveryIsKeptAtOnceAndARepetitionLater) {
  Agenda agenda{Rates{}};
  const auto entry = add(agenda, "shop.example", kStart);
  walk_all(agenda, kStart);
  agenda.saved(agenda.take_save(kClock).value(), true, kStart);

  entry->take(answer(entry, kOld, kStart));
  agenda.touched(entry, kStart);
  auto save = agenda.take_save(kClock);
  ASSERT_TRUE(save) << "the first sight of a set is an obligation";
  const auto run = authority_run(*save);
  ASSERT_TRUE(run);
  EXPECT_NE(run->body.find("mail.shop.example"), std::string::npos);
  EXPECT_TRUE(run->open);
  agenda.saved(std::move(*save), true, kStart);

  const Time next = kStart + seconds(300);
  entry->take(answer(entry, kOld, next));
  agenda.touched(entry, next);
  EXPECT_FALSE(agenda.take_save(clock_at(next))) << "the same answer again can wait";
  save = agenda.take_save(clock_at(next + std::chrono::hours(24)));
  ASSERT_TRUE(save);
  ASSERT_TRUE(authority_run(*save));
  EXPECT_EQ(authority_run(*save)->seq, run->seq) << "the same row, not another";
  EXPECT_EQ(authority_run(*save)->count, 2u);
}

TEST(Agenda, WhatCouldNotBeKeptIsHandedOutAgain) {
  Agenda agenda{Rates{}};
  const auto entry = add(agenda, "shop.example", kStart);
  walk_all(agenda, kStart);
  entry->take(answer(entry, kOld, kStart));
  agenda.touched(entry, kStart);
  auto save = agenda.take_save(kClock);
  ASSERT_TRUE(save);
  EXPECT_FALSE(agenda.take_save(kClock)) << "these rows are on their way";
  agenda.saved(std::move(*save), false, kStart);
  EXPECT_FALSE(agenda.take_save(kClock)) << "a store that refuses is not hammered";
  save = agenda.take_save(clock_at(kStart + seconds(1)));
  ASSERT_TRUE(save);
  EXPECT_TRUE(authority_run(*save));
  EXPECT_EQ(save->owners[0].rows.front().kind, "resolvers") << "nothing is missing";
}

TEST(Agenda, AnotherSpfResultIsKeptAtOnceTheSameOneWithTheRest) {
  Agenda agenda{Rates{}};
  WatchedOwner made = owner("shop.example");
  made.spf.emplace();
  const auto entry = agenda.add(made, Propagation(made.input, kStart), kStart);
  const auto save = [&](Time now) {
    auto taken = agenda.take_save(clock_at(now));
    EXPECT_TRUE(taken);
    const std::size_t kept = taken->owners[0].state["spf"]["evaluations"].size();
    agenda.saved(std::move(*taken), true, now);
    return kept;
  };
  EXPECT_EQ(save(kStart), 0u);
  const SpfRound round{false, Endpoint::parse("9.9.9.9").value(), "v=spf1 -all"};
  TxtSample sample;
  sample.endpoint = round.resolver;
  sample.outcome = Outcome::answered;
  sample.texts = {round.record};
  SpfEvaluation evaluation;
  evaluation.resolver = round.resolver;
  evaluation.record = round.record;
  for (const bool other : {true, false}) {
    entry->spf->follow({sample}, TxtPhase::draining, kStart);
    entry->take(round, evaluation);
    agenda.touched(entry, kStart);
    EXPECT_EQ(agenda.next_save() == kStart, other);
    if (other) {
      EXPECT_EQ(save(kStart), 1u);
    }
  }
}

TEST(Agenda, AnOwnerThatLeavesHandsOverItsLastState) {
  Agenda agenda{Rates{}};
  const auto entry = add(agenda, "shop.example", kStart);
  const auto last = agenda.remove(DnsName::parse("shop.example").value(), kClock);
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->owners[0].state.at("left").get<bool>());
  agenda.touched(entry, kStart);
  EXPECT_TRUE(agenda.take_due(kStart).empty()) << "a late answer brings nothing back";
  EXPECT_FALSE(agenda.next_save());
}

}  // namespace
}  // namespace mxswitch::monitor
