// The simulated caches do what their traits say: the truth that verdicts are held against.
#include "monitor/simulation/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "monitor/simulation/run.h"

namespace mxswitch::monitor::simulation {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const Endpoint kResolver = *Endpoint::parse("203.0.113.1");
constexpr Duration kLimit = seconds(6);

Time at(int s) { return kStart + seconds(s); }

// A world of one authority with TTL 100 and one resolver with these traits.
Scenario scenario_with(const std::string& traits) {
  auto scenario =
      parse_scenario(fmt::format("owner shop.example\nset old {}\nset new {}\n"
                                 "authority ns1.shop.example 198.51.100.11 serves old ttl 100\n"
                                 "resolvers 1 {}\nat 0s watch\nend 1h\n",
                                 kOld.text(), kNew.text(), traits),
                     "x.scn");
  EXPECT_TRUE(scenario);
  return *scenario;
}

class Worlds : public testing::Test {
 protected:
  void make(const std::string& traits) { world_.emplace(scenario_with(traits), kStart); }

  ResolverSample ask(int s) { return world_->ask_resolver(kResolver, at(s), kLimit); }

  void event(int s, Event::Verb verb, const MxSet& set = {}) {
    Event one;
    one.verb = verb;
    one.target = "ns1.shop.example";
    one.zone = {set, 100};
    one.percent = 100;
    world_->apply(one, at(s));
  }

  void change(int s) { event(s, Event::Verb::serve, kNew); }

  std::optional<World> world_;
};

TEST_F(Worlds, ACacheKeepsWhatItFetchedForItsTtl) {
  make("");
  EXPECT_EQ(ask(0).ttl, 100u);
  change(10);
  EXPECT_EQ(ask(40).ttl, 60u);
  EXPECT_EQ(ask(99).set, kOld);
  EXPECT_EQ(ask(100).set, kNew);
  EXPECT_EQ(ask(100).ttl, 100u);
}

TEST_F(Worlds, StretchingAndClampingCaches) {
  make("min-ttl 300");
  EXPECT_EQ(ask(0).ttl, 300u);
  change(10);
  EXPECT_EQ(ask(299).set, kOld);
  make("max-ttl 5");
  EXPECT_EQ(ask(0).ttl, 5u);
  change(1);
  EXPECT_EQ(ask(5).set, kNew);
}

TEST_F(Worlds, AStaleAnswerComesOnceAndMayBeMarked) {
  make("serves-stale marks-stale");
  ask(0);
  change(10);
  const ResolverSample stale = ask(200);
  EXPECT_EQ(stale.set, kOld);
  EXPECT_EQ(stale.ttl, 30u);
  EXPECT_TRUE(stale.stale_marked);
  EXPECT_EQ(ask(201).set, kNew);
}

TEST_F(Worlds, SilenceOfTheAuthorityIsServfailOrStale) {
  make("");
  ask(0);
  event(10, Event::Verb::down);
  EXPECT_EQ(ask(150).outcome, Outcome::servfail);
  make("stale-on-failure");
  ask(0);
  event(10, Event::Verb::down);
  EXPECT_EQ(ask(150).set, kOld);
  EXPECT_EQ(world_->truth(at(151)).stale, 1);
  event(160, Event::Verb::up);
  change(160);
  EXPECT_TRUE(world_->truth(at(161)).clean());
  EXPECT_EQ(ask(170).set, kNew);
}

TEST_F(Worlds, OneThatNeverLetsGoIsNeverClean) {
  make("forever");
  ask(0);
  change(10);
  EXPECT_EQ(ask(100000).set, kOld);
  EXPECT_FALSE(world_->truth(at(100000)).clean());
}

TEST_F(Worlds, APrefetchingCacheIsNewBeforeTheExpiry) {
  make("prefetches");
  ask(0);
  change(10);
  EXPECT_EQ(ask(95).set, kOld);  // this question makes it fetch
  EXPECT_EQ(ask(96).set, kNew);
}

TEST_F(Worlds, OthersKeepACacheWarm) {
  make("clients 5s");
  change(1000);
  const ResolverSample found = ask(1001);
  EXPECT_EQ(found.set, kOld);
  EXPECT_LT(found.ttl, 100u);
}

TEST_F(Worlds, BrokenSignaturesFailWhoValidates) {
  make("validates");
  event(0, Event::Verb::break_signatures);
  EXPECT_EQ(ask(1).outcome, Outcome::servfail);
  EXPECT_TRUE(ask(2).bogus_marked);
}

TEST_F(Worlds, ARateLimitCountsByTheMinute) {
  make("limit 2");
  EXPECT_EQ(ask(0).outcome, Outcome::answered);
  EXPECT_EQ(ask(1).outcome, Outcome::answered);
  EXPECT_EQ(ask(2).outcome, Outcome::refused);
  EXPECT_EQ(ask(61).outcome, Outcome::answered);
}

TEST_F(Worlds, StickyFarmsMeetOtherPortsAndPinnedOnesDoNot) {
  for (const bool pinned : {false, true}) {
    make(fmt::format("caches 8 nsid farm {}", pinned ? "pinned" : "sticky"));
    std::set<std::string> met;
    for (int i = 0; i < 200; ++i) met.insert(ask(i).nsid);
    EXPECT_EQ(met.size() > 1, !pinned);
  }
}

TEST_F(Worlds, LossTakesAnswers) {
  make("");
  event(0, Event::Verb::loss);
  EXPECT_EQ(ask(1).outcome, Outcome::timed_out);
  const ProbeDue poll{ProbeKind::authority, *Endpoint::parse("198.51.100.11"),
                      *DnsName::parse("ns1.shop.example"), at(1)};
  EXPECT_EQ(world_->ask_authority(poll, at(1), kLimit).outcome, Outcome::timed_out);
}

// Its own people are answered all the same.
TEST_F(Worlds, AResolverFallsSilentForUsAlone) {
  make("clients 5s");
  Event event;
  event.target = kResolver.text();
  event.verb = Event::Verb::down;
  world_->apply(event, at(50));
  EXPECT_EQ(ask(51).outcome, Outcome::timed_out);
  EXPECT_FALSE(world_->ask_control(kResolver, at(51), kLimit).root_answered);
  EXPECT_EQ(world_->truth(at(52)).stale, 1);
  event.verb = Event::Verb::refuse;
  world_->apply(event, at(53));
  EXPECT_EQ(ask(54).outcome, Outcome::refused);
  EXPECT_FALSE(world_->ask_control(kResolver, at(54), kLimit).root_answered);
  event.verb = Event::Verb::up;
  world_->apply(event, at(55));
  EXPECT_EQ(ask(56).set, kOld);
}

TEST_F(Worlds, AFarmMayAnswerOneNsid) {
  make("caches 8 nsid farm shares-nsid");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(i).nsid, "farm");
}

TEST(Records, AreEarlierForTheirTtlAfterTheLastServerChanged) {
  const auto scenario = parse_scenario(
      "owner shop.example\nset new 10 mx1.filter.example\n"
      "authority ns1.shop.example 198.51.100.11 serves new ttl 100\n"
      "record mx1.filter.example A 192.0.2.1 ttl 60 at ns1.filter.example 198.51.100.21\n"
      "record mx1.filter.example A 192.0.2.1 ttl 60 at ns2.filter.example 198.51.100.22\n"
      "at 0s watch\n"
      "at 10s record mx1.filter.example A 192.0.2.9 ttl 5 at ns1.filter.example\n"
      "at 40s record mx1.filter.example A 192.0.2.9 ttl 5 at ns2.filter.example\nend 1h\n",
      "x.scn");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(change_of(*scenario), seconds(10));
  World world(*scenario, kStart);
  EXPECT_FALSE(world.truth(at(1)).clean());
  world.apply(scenario->events[1], at(10));
  EXPECT_TRUE(world.truth(at(39)).record_other);
  world.apply(scenario->events[2], at(40));
  EXPECT_TRUE(world.truth(at(99)).record_other);
  EXPECT_EQ(world.truth(at(100)).clean_since, at(100));
}

TEST(Authorities, AreAskedByNobodyBeforeTheyJoin) {
  const auto scenario = parse_scenario(
      "owner shop.example\nset old 10 mail.shop.example\nset new 10 mx1.filter.example\n"
      "authority ns1.shop.example 198.51.100.11 serves new ttl 100\n"
      "authority ns2.shop.example 198.51.100.12 serves old ttl 100 later\n"
      "delegation ttl 120\nresolvers 1 max-ttl 1\nat 0s watch\nat 100s join ns2.shop.example\nend "
      "1h\n",
      "x.scn");
  ASSERT_TRUE(scenario) << scenario.error().text();
  World world(*scenario, kStart);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(world.ask_resolver(kResolver, at(i), kLimit).set, kNew);
  EXPECT_TRUE(world.truth(at(50)).clean());
  world.apply(scenario->events[1], at(100));
  EXPECT_TRUE(world.truth(at(101)).authority_other);
  for (int i = 101; i < 120; ++i)  // its NS records are of before
    EXPECT_EQ(world.ask_resolver(kResolver, at(i), kLimit).set, kNew);
  bool old = false;
  for (int i = 120; i < 150; ++i)
    old = old || world.ask_resolver(kResolver, at(i), kLimit).set == kOld;
  EXPECT_TRUE(old);
}

World made(const std::string& text) {
  const auto scenario = parse_scenario(
      "owner shop.example\nset old 10 mail.shop.example\nset none nothing\n"
      "set new 10 mx1.filter.example\nat 0s watch\nend 1h\n" +
          text,
      "x.scn");
  EXPECT_TRUE(scenario) << scenario.error().text();
  return World(*scenario, kStart);
}

Event event_of(Event::Verb verb, const std::string& target, Whom whom = Whom::all) {
  Event event;
  event.verb = verb;
  event.target = target;
  event.whom = whom;
  return event;
}

constexpr const char* kMoves =
    "authority ns1.new.example 198.51.100.11 serves new ttl 50 later\n"
    "authority ns9.old.example 198.51.100.99 serves old ttl 50\n"
    "delegation ttl 1000 child 400\n";

void move_delegation(World& world, int s) {
  world.apply(event_of(Event::Verb::join, "ns1.new.example"), at(s));
  world.apply(event_of(Event::Verb::leave, "ns9.old.example"), at(s));
}

TEST(Delegations, LeadToWhoLeftUntilTheirNsRecordsExpire) {
  World world = made(std::string(kMoves) + "resolvers 1\n");
  EXPECT_EQ(world.ask_resolver(kResolver, at(0), kLimit).set, kOld);
  move_delegation(world, 10);
  EXPECT_EQ(world.ask_resolver(kResolver, at(940), kLimit).set, kOld);
  // What it holds leads to the old set no more, once this copy is gone.
  EXPECT_EQ(world.truth(at(980)).stale, 1);
  EXPECT_EQ(world.truth(at(991)).stale, 1);  // fetched once more, before the NS records expired
  EXPECT_EQ(world.ask_resolver(kResolver, at(1000), kLimit).set, kNew);
  EXPECT_EQ(world.truth(at(1001)).stale, 0);
}

TEST(Delegations, TheTruthKnowsWhereAnEmptyCacheWillFetch) {
  World world = made(std::string(kMoves) + "resolvers 1 max-ttl 1\n");
  world.ask_resolver(kResolver, at(0), kLimit);
  move_delegation(world, 10);
  EXPECT_EQ(world.truth(at(500)).stale, 1);  // it holds nothing, and would fetch the old set
  EXPECT_EQ(world.truth(at(1000)).stale, 0);
}

TEST(Delegations, AChildCentricCacheIsLedToTheOldServerForEver) {
  World world = made(std::string(kMoves) + "resolvers 1 child-centric\n");
  for (int s = 0; s < 5000; s += 60) {
    if (s == 60) move_delegation(world, 10);
    EXPECT_EQ(world.ask_resolver(kResolver, at(s), kLimit).set, kOld);
  }
  EXPECT_EQ(world.truth(at(5000)).stale, 1);
}

TEST(Delegations, AfterAFailureTheParentMayBeAskedAgain) {
  for (const char* trait : {"", " asks-parent"}) {
    World world = made(std::string(kMoves) + "resolvers 1 recheck 30" + trait + "\n");
    world.ask_resolver(kResolver, at(0), kLimit);
    move_delegation(world, 10);
    world.apply(event_of(Event::Verb::down, "ns9.old.example"), at(20));
    EXPECT_EQ(world.ask_resolver(kResolver, at(60), kLimit).outcome, Outcome::servfail);
    const auto later = world.ask_resolver(kResolver, at(120), kLimit);
    EXPECT_EQ(later.outcome, *trait ? Outcome::answered : Outcome::servfail);
  }
}

TEST(Families, ACacheFetchesOverThoseThatItHas) {
  const char* kText =
      "authority ns1.shop.example 198.51.100.11 serves new ttl 1\n"
      "authority ns1.shop.example 2001:db8::11 serves old ttl 1\n"
      "resolver 192.0.2.4 Four only-v4\nresolver 192.0.2.6 Six only-v6\nresolver 192.0.2.46 Both\n";
  World world = made(kText);
  std::map<std::string, std::set<std::string>> seen;
  for (int s = 0; s < 100; s += 2)
    for (const char* one : {"192.0.2.4", "192.0.2.6", "192.0.2.46"})
      seen[one].insert(world.ask_resolver(*Endpoint::parse(one), at(s), kLimit).set.text());
  EXPECT_EQ(seen["192.0.2.4"], std::set{kNew.text()});
  EXPECT_EQ(seen["192.0.2.6"], std::set{kOld.text()});
  EXPECT_EQ(seen["192.0.2.46"].size(), 2u);
  EXPECT_EQ(world.truth(at(200)).stale, 2);
  world.apply(event_of(Event::Verb::down, "2001:db8::11"), at(200));
  EXPECT_EQ(world.truth(at(201)).stale, 0);
}

TEST(Outages, MayBeOfUsAloneOrOfCachesAlone) {
  for (const Whom whom : {Whom::us, Whom::caches}) {
    World world = made("authority ns1.shop.example 198.51.100.11 serves new ttl 5\nresolvers 1\n");
    world.apply(event_of(Event::Verb::down, "ns1.shop.example", whom), at(10));
    const ProbeDue poll{ProbeKind::authority, *Endpoint::parse("198.51.100.11"),
                        *DnsName::parse("ns1.shop.example"), at(11)};
    const bool heard = world.ask_authority(poll, at(11), kLimit).outcome == Outcome::answered;
    EXPECT_EQ(heard, whom == Whom::caches);
    const auto told = world.ask_resolver(kResolver, at(12), kLimit).outcome;
    EXPECT_EQ(told == Outcome::answered, whom == Whom::us);
  }
}

TEST(Outages, ACacheServesStaleUntilItLooksAgain) {
  World world = made(
      "authority ns1.shop.example 198.51.100.11 serves old ttl 50\n"
      "resolvers 1 stale-on-failure recheck 900\n");
  world.ask_resolver(kResolver, at(0), kLimit);
  world.apply(event_of(Event::Verb::down, "ns1.shop.example"), at(40));
  EXPECT_EQ(world.ask_resolver(kResolver, at(60), kLimit).set, kOld);
  Event turns = event_of(Event::Verb::serve, "ns1.shop.example");
  turns.zone = {kNew, 50};
  world.apply(turns, at(70));
  world.apply(event_of(Event::Verb::up, "ns1.shop.example"), at(70));
  EXPECT_EQ(world.ask_resolver(kResolver, at(900), kLimit).set, kOld);
  EXPECT_EQ(world.truth(at(900)).stale, 1);
  EXPECT_EQ(world.truth(at(970)).stale, 0);
  EXPECT_EQ(world.ask_resolver(kResolver, at(970), kLimit).set, kNew);
}

TEST(Copies, OfBeforeTheWorldBegan) {
  World world = made(
      "authority ns1.shop.example 198.51.100.11 serves new ttl 300\n"
      "resolvers 1 holds old ttl 80000\n");
  EXPECT_EQ(world.ask_resolver(kResolver, at(1000), kLimit).ttl, 79000u);
  EXPECT_EQ(world.truth(at(79999)).stale, 1);
  EXPECT_EQ(world.truth(at(80000)).stale, 0);
}

TEST(Copies, OfNothingAreKeptForThreeHoursAtMost) {
  World world =
      made("authority ns1.shop.example 198.51.100.11 serves none ttl 86400\nresolvers 1\n");
  const auto told = world.ask_resolver(kResolver, at(0), kLimit);
  EXPECT_EQ(told.outcome, Outcome::no_data);
  EXPECT_EQ(told.ttl, 10800u);
}

// Whatever stands behind it, it answers no set at all.
TEST(Filters, SpeakOfEveryNameButThis) {
  World world = made(
      "authority ns1.shop.example 198.51.100.11 serves old ttl 300\n"
      "resolvers 1 filters refused clients 5s\n");
  const auto told = world.ask_resolver(kResolver, at(60), kLimit);
  EXPECT_EQ(told.outcome, Outcome::refused);
  EXPECT_TRUE(told.filter_marked);
  EXPECT_TRUE(world.ask_control(kResolver, at(61), kLimit).root_answered);
  EXPECT_EQ(world.truth(at(62)).stale, 0);
}

TEST(Waivers, WhatOnlyAnIgnoredServerFeedsIsCountedApart) {
  World world = made(
      "authority ns1.shop.example 198.51.100.11 serves new ttl 300\n"
      "authority ns2.shop.example 198.51.100.12 serves old ttl 300\n"
      "ignore ns2.shop.example a relic\nresolvers 20 clients 5s\n");
  const Truth truth = world.truth(at(100));
  EXPECT_EQ(truth.stale, 0);
  EXPECT_EQ(truth.excused, 20);
  EXPECT_TRUE(truth.clean());
}

TEST(Packets, AreCountedTryByTry) {
  World world = made("authority ns1.shop.example 198.51.100.11 serves old ttl 300\nresolvers 1\n");
  const ProbeDue poll{ProbeKind::authority, *Endpoint::parse("198.51.100.11"),
                      *DnsName::parse("ns1.shop.example"), at(1)};
  world.ask_authority(poll, at(1), kLimit);
  EXPECT_EQ(world.packets(), 1);
  world.apply(event_of(Event::Verb::down, "ns1.shop.example"), at(2));
  world.ask_authority(poll, at(3), kLimit);
  EXPECT_EQ(world.packets(), 4);
  world.ask_control(kResolver, at(4), kLimit);
  EXPECT_EQ(world.packets(), 6);
  world.ask_resolver(kResolver, at(5), kLimit);  // SERVFAIL, asked again with CD
  EXPECT_EQ(world.packets(), 8);
}

TEST_F(Worlds, TheTruthKnowsSinceWhenNothingIsOld) {
  make("");
  ask(50);
  change(60);
  EXPECT_FALSE(world_->truth(at(100)).clean());
  ASSERT_EQ(world_->truth(at(100)).stale_listed.size(), 1u);
  EXPECT_EQ(world_->truth(at(200)).clean_since, at(150));
}

// What nobody asks changes nothing for the others.
TEST_F(Worlds, AreTheSameForTheSameSeedHoweverOneAsks) {
  const Scenario scenario = scenario_with("caches 3 clients 7s");
  World one(scenario, kStart), other(scenario, kStart);
  for (int s = 0; s < 500; s += 10) other.truth(at(s));
  EXPECT_EQ(one.ask_resolver(kResolver, at(500), kLimit).ttl,
            other.ask_resolver(kResolver, at(500), kLimit).ttl);
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
