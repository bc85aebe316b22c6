// What a *.scn file may say, and how one that says something else is refused.
#include <gtest/gtest.h>

#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {
namespace {

constexpr const char* kWhole = R"(title A world   # with a remark
owner shop.example
set old 10 mail.shop.example
set none nothing
set new 10 mx1.filter.example, 20 mx2.filter.example
policy lab
policy floor 1m
policy k 9
declare changed_at 1h
authority ns1.shop.example 198.51.100.11 serves old ttl 300 serial 7 sites 3 seen 2 expire 600
authority ns2.shop.example 198.51.100.12 serves none ttl 60 unlisted
resolver 8.8.8.8 Google anycast caches 8 sticky forever habits-of 1 clients 30s nsid goog
resolvers 3 in CH min-ttl 60 loss 0.5
resolvers 2 unlisted
resolver 8.8.4.4 Google only-v4 filters nxdomain child-centric asks-parent recheck 900 holds old ttl 9
delegation ttl 7200 child 600 addresses 60
at 2h serve ns1.shop.example site 2 new ttl 20 serial 8
at 0s watch
at 3h restart jumped
at 1m expect reason caches ns1 served
expect ready between 2h and 3h
end 4h
)";

TEST(Reader, ReadsAWholeWorld) {
  const auto scenario = parse_scenario(kWhole, "x.scn");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->title, "A world");
  EXPECT_EQ(scenario->input.policy.k, 9);
  EXPECT_EQ(scenario->input.policy.floor, seconds(60));
  EXPECT_EQ(scenario->input.policy.settle, seconds(10));  // of the lab
  EXPECT_EQ(scenario->changed_at, std::chrono::hours(1));
  ASSERT_EQ(scenario->authorities.size(), 2u);
  EXPECT_EQ(scenario->authorities[0].sites, 3);
  EXPECT_EQ(scenario->authorities[0].seen, 2);
  EXPECT_EQ(scenario->authorities[0].expire, 600u);
  EXPECT_TRUE(scenario->authorities[1].unlisted);
  EXPECT_TRUE(scenario->authorities[1].zone.set.empty());
  EXPECT_EQ(scenario->end, std::chrono::hours(4));
}

TEST(Reader, TakesEventsByTimeAndKeepsTheirLines) {
  const auto scenario = parse_scenario(kWhole, "x.scn");
  ASSERT_TRUE(scenario);
  ASSERT_EQ(scenario->events.size(), 3u);
  EXPECT_EQ(scenario->events[0].verb, Event::Verb::watch);
  EXPECT_EQ(scenario->events[1].site, 2);
  EXPECT_EQ(scenario->events[1].serial, 8u);
  EXPECT_EQ(scenario->events[1].line, 17);
  EXPECT_EQ(scenario->events[2].text, "jumped");
}

TEST(Reader, SamplesNobodyWhoIsUnlisted) {
  const auto scenario = parse_scenario(kWhole, "x.scn");
  ASSERT_TRUE(scenario);
  ASSERT_EQ(scenario->resolvers.size(), 7u);
  EXPECT_EQ(scenario->input.resolvers.size(), 5u);
  const ResolverPlan& farm = scenario->resolvers[0];
  EXPECT_EQ(farm.caches, 8);
  EXPECT_EQ(farm.habitual, 1);
  EXPECT_EQ(farm.dispatch, Dispatch::sticky);
  EXPECT_TRUE(farm.habits.forever);
  EXPECT_DOUBLE_EQ(scenario->resolvers[1].loss_percent, 0.5);
  EXPECT_EQ(scenario->resolvers[1].resolver.country_code, "CH");
  EXPECT_NE(scenario->resolvers[4].resolver.endpoint, scenario->resolvers[1].resolver.endpoint);
}

TEST(Reader, ReadsWhatLeadsCachesAndWhatTheyHold) {
  const auto scenario = parse_scenario(kWhole, "x.scn");
  ASSERT_TRUE(scenario);
  EXPECT_EQ(scenario->delegation.parent, 7200u);
  EXPECT_EQ(scenario->delegation.child, 600u);
  EXPECT_EQ(scenario->delegation.addresses, 60u);
  const ResolverPlan& one = scenario->resolvers.back();
  EXPECT_EQ(one.families, Families::v4);
  EXPECT_EQ(one.filter->outcome, Outcome::nxdomain);
  EXPECT_TRUE(one.habits.child_centric && one.habits.asks_parent);
  EXPECT_EQ(one.habits.recheck, seconds(900));
  EXPECT_EQ(one.holds->ttl, 9u);
}

struct BadFile {
  const char* text;
  const char* error;
};

TEST(Reader, NamesTheLineThatItCannotRead) {
  const BadFile kCases[] = {
      {"colour blue", "x.scn:1: unknown directive \"colour\""},
      {"\n\npolicy haste 5", "x.scn:3: unknown policy \"haste\""},
      {"authority ns1.a.example 192.0.2.1 serves typo ttl 5", "x.scn:1: no set is called \"typo\""},
      {"set s 0 .\nauthority ns1.a.example 192.0.2.1 serves s ttl 5 sings",
       "x.scn:2: unknown trait \"sings\" of an authority"},
      {"set s 0 .\nauthority ns1.a.example 192.0.2.1 serves s ttl 5 sites 2 seen 3",
       "x.scn:2: more sites are seen than there are"},
      {"at 5s dance", "x.scn:1: unknown event \"dance\""},
      {"at 5s expect joy", "x.scn:1: unknown expectation \"joy\""},
      {"at 5s expect warning", "x.scn:1: the words that must stand there are wanted"},
      {"at 5s restart soon", "x.scn:1: after restart: nothing, rebooted, unsynchronised or jumped"},
      {"at 5s loss 101", "x.scn:1: \"101\" is no percentage between 0 and 100"},
      {"end", "x.scn:1: the line ends too early"},
      {"seed 5 6", "x.scn:1: \"6\" is one word too many"},
      {"seed 5x", "x.scn:1: \"5x\" is not a whole number"},
      {"seed 99999999999", "x.scn:1: \"99999999999\" is not a whole number"},
      {"resolver 192.0.2.1 A sings", "x.scn:1: unknown trait \"sings\""},
      {"resolver 192.0.2.1 A filters spam",
       "x.scn:1: filters \"spam\": nxdomain, nodata or refused"},
      {"at 5s down ns1.a.example for ever", "x.scn:1: for us or for caches is wanted"},
      {"at 5s lose IPv5", "x.scn:1: IPv4, IPv6 or uplink is wanted"},
      {"expect at-most 5 between 1h and 2h",
       "x.scn:1: \"at-most NUMBER queries between TIME and TIME\" is wanted"},
      {"delegation 5", "x.scn:1: \"delegation ttl SECONDS\" is wanted"},
      {"resolver 192.0.2.1 A caches 0", "x.scn:1: 0 is not between 1 and 1000"},
      {"resolvers 251", "x.scn:1: at most 250 resolvers can be made so"},
      {"owner a.example\nset new 0 .\nauthority ns1.a.example 192.0.2.1 serves new ttl 5\n"
       "resolvers 1\nat 0s watch\nat 1s down 203.0.113.2\nend 5s",
       "x.scn:6: no authority is called \"203.0.113.2\""},
      {"owner a.example\nset new 0 .\nauthority ns1.a.example 192.0.2.1 serves new ttl 5\n"
       "resolvers 1\nat 0s watch\nat 1s leave 203.0.113.1\nend 5s",
       "x.scn:6: no authority is called \"203.0.113.1\""},
      {"", "x.scn: owner, set new, an authority, an event and end are wanted"},
      {"owner a.example\nset new 0 .\nauthority ns1.a.example 192.0.2.1 serves new ttl 5\n"
       "at 1s up ns1.a.example\nend 5s",
       "x.scn: nobody watches: \"at 0s watch\" is wanted"},
      {"owner a.example\nset new 0 .\nauthority ns1.a.example 192.0.2.1 serves new ttl 5\n"
       "at 0s watch\nat 1s down ns7.a.example\nend 5s",
       "x.scn:5: no authority is called \"ns7.a.example\""},
  };
  for (const BadFile& bad : kCases) {
    const auto result = parse_scenario(bad.text, "x.scn");
    ASSERT_FALSE(result) << bad.text;
    EXPECT_EQ(result.error().text(), bad.error);
  }
}

TEST(Reader, SaysWhatToGiveWhenThereIsNoFile) {
  const auto result = read_scenario("/nonexistent/world.scn");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().text(),
            "/nonexistent/world.scn: can't be read; give the path of a *.scn file");
}

}  // namespace
}  // namespace mxswitch::monitor::simulation
