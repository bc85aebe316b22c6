#include "orchestrator/relay/contract/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr const char* kUuid = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

RelayDomain example_domain() {
  RelayDomain domain;
  domain.domain = "shop.example";
  domain.mode = Mode::split;
  domain.unknown = UnknownNames::defer;
  domain.forward = "smtp:[192.0.2.25]:25";
  domain.hosted = "lmtp:unix:private/dovecot-lmtp";
  domain.generation = 7;
  domain.op_id = kUuid;
  domain.updated_at = *parse_time("2026-11-22T14:32:10.250Z");
  domain.roster_digest = "abc";
  domain.in_force = {"node-a", 6, *parse_time("2026-11-22T14:32:11Z")};
  return domain;
}

TEST(RelayDomainJson, SurvivesTheWayThereAndBack) {
  const auto sent = example_domain();
  const auto read = parse<RelayDomain>(encode(to_json(sent)));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(sent));
  EXPECT_EQ(read->mode, Mode::split);
  EXPECT_EQ(read->in_force.route_seen_at, sent.in_force.route_seen_at);
  EXPECT_EQ(to_json(*read)["updated_at"], "2026-11-22T14:32:10.250Z");
}

TEST(RelayDomainJson, WritesNullForWhatIsNotThere) {
  auto domain = example_domain();
  domain.forward.reset();
  domain.op_id.reset();
  domain.in_force.route_seen_at.reset();
  const auto json = to_json(domain);
  EXPECT_TRUE(json.at("forward").is_null());
  EXPECT_TRUE(json.at("op_id").is_null());
  EXPECT_TRUE(json.at("in_force").at("route_seen_at").is_null());
  EXPECT_TRUE(parse<RelayDomain>(encode(json)));
}

TEST(RelayDomainJson, PassesOverFieldsOfALaterVersion) {
  auto json = to_json(example_domain());
  json["colour"] = "blue";
  EXPECT_TRUE(parse<RelayDomain>(encode(json)));
}

struct Refusal {
  const char* name;
  const char* body;
  const char* text;
};

// A request with everything in place but one thing.
const Refusal kRouteRefusals[] = {
    {"no JSON", "{\"mode\":", "the body is not valid JSON"},
    {"empty", "", "the body is not valid JSON"},
    {"no object", "[]", "is not a JSON object"},
    {"bad UTF-8", "{\"mode\":\"\xff\"}", "the body is not valid JSON"},
    {"no mode", R"({"op_id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","reason":"r"})",
     "/mode: is missing"},
    {"mode of no kind", R"({"mode":"sideways","op_id":"x","reason":"r"})",
     "/mode: is none of the values the contract lists"},
    {"mode of another type", R"({"mode":3,"op_id":"x","reason":"r"})", "/mode: is not a string"},
    {"op_id", R"({"mode":"hosted","op_id":"1b4e28ba2fa141d2883f0016d3cca427","reason":"r"})",
     "/op_id: is not a UUID"},
    {"newline in the reason",
     R"({"mode":"hosted","op_id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","reason":"a\nb"})",
     "/reason: holds a control character"},
    {"unknown field",
     R"({"mode":"hosted","op_id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","reason":"r","force":1})",
     "/force: is a field that the contract does not know"},
};

TEST(RouteWriteJson, RefusesWhatTheContractDoesNotAllow) {
  for (const Refusal& refusal : kRouteRefusals) {
    SCOPED_TRACE(refusal.name);
    const auto read = parse<RouteWrite>(refusal.body);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, Fault::malformed);
    EXPECT_EQ(read.error().text(), refusal.text);
  }
}

TEST(RouteWriteJson, DefersNothingUnlessAsked) {
  const auto read = parse<RouteWrite>(
      R"({"mode":"hosted","op_id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","reason":"r"})");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->unknown, UnknownNames::reject);
  EXPECT_FALSE(read->roster_digest);
}

TEST(DomainWriteJson, StartsNoDomainOnHosted) {
  DomainWrite write{std::nullopt, "lmtp:inet:[192.0.2.9]:24", Mode::hosted, kUuid, "new"};
  const auto read = parse<DomainWrite>(encode(to_json(write)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "/mode");
  write.mode = Mode::hold;
  EXPECT_EQ(parse<DomainWrite>(encode(to_json(write)))->mode, Mode::hold);
}

TEST(RosterWriteJson, PointsAtTheFaultInsideALists) {
  const auto read = parse<RosterWrite>(R"({"accounts":[{"name":"joe"},{"name":7}],"aliases":[]})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "/accounts/1/name");
}

TEST(RosterWriteJson, TellsNoDelimiterFromTheUsualOne) {
  EXPECT_EQ(parse<RosterWrite>(R"({"accounts":[],"aliases":[]})")->delimiter, "+");
  EXPECT_EQ(parse<RosterWrite>(R"({"accounts":[],"aliases":[],"delimiter":null})")->delimiter,
            std::nullopt);
  EXPECT_FALSE(parse<RosterWrite>(R"({"accounts":[],"aliases":[],"delimiter":"++"})"));
}

TEST(RosterJson, NeverCarriesAHash) {
  Roster roster;
  roster.accounts = {{"joe", true}};
  roster.aliases = {{"info", {"joe"}}};
  const auto read = parse<Roster>(encode(to_json(roster)));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->aliases, roster.aliases);
  EXPECT_THAT(encode(to_json(roster)), testing::Not(testing::HasSubstr("password_hash")));
}

TEST(FlowJson, KeepsAStrangeRecipientReadable) {
  Flow flow;
  flow.node = "node-a";
  flow.recipients.push_back({"a\xff\r\nb@shop.example", 3, 1, 2, Time{}, false});
  const auto read = parse<Flow>(encode(to_json(flow)));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->recipients.at(0).address, "a\xef\xbf\xbd??b@shop.example");
}

TEST(FlowJson, CutsALongRecipientBetweenCharacters) {
  Flow flow;
  std::string address(319, 'a');
  flow.recipients.push_back({address + "\u00e9@shop.example", 1, 0, 0, Time{}, false});
  EXPECT_EQ(parse<Flow>(encode(to_json(flow)))->recipients.at(0).address, address);
}

TEST(QueueJson, RefusesNumbersThatAreNoCounts) {
  for (const char* number : {"-1", "1.5", "\"1\"", "9007199254740993", "1e99", "null"}) {
    SCOPED_TRACE(number);
    const auto read = parse<Queue>(std::string(R"({"node":"a","oldest_at":null,"messages":)") +
                                   number + R"(,"accepted_before_route":0})");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().where, "/messages");
  }
}

TEST(Bounds, RefuseABodyThatIsTooLong) {
  const auto read = parse<Health>(std::string((32u << 20) + 1, ' '));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "the JSON body is too long");
}

}  // namespace
}  // namespace mxswitch::orchestrator
