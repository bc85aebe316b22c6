// Holds the JSON view against the schemas of openapi.json, which is what scripts rely on.
#include "dashboards/views/json.h"

#include <gtest/gtest.h>

#include <fstream>

#include "probes/base/time_text.h"
#include "tests/fakes/sample_states.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

const Time kNow = parse_time("2026-11-22T13:51:10Z").value();

// The keywords of JSON Schema that openapi.json uses.
class Schema {
 public:
  Schema() {
    std::ifstream in(MXSWITCH_SOURCE_DIR "/dashboards/server/openapi.json");
    document_ = json::parse(in);
  }
  std::vector<std::string> faults(const std::string& name, const json& value) {
    faults_.clear();
    check(document_["components"]["schemas"].at(name), value, name);
    return faults_;
  }

 private:
  static bool is_type(const std::string& type, const json& value) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == value.type_name();
  }
  void check(const json& schema, const json& value, const std::string& path) {
    if (schema.contains("$ref")) {
      const json::json_pointer place(schema["$ref"].get<std::string>().substr(1));
      return check(document_.at(place), value, path);
    }
    if (schema.contains("type")) {
      const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
      const bool fits =
          std::ranges::any_of(types, [&](const json& t) { return is_type(t, value); });
      if (!fits) faults_.push_back(path + ": is " + value.type_name());
    }
    if (schema.contains("enum") && std::ranges::count(schema["enum"], value) == 0) {
      faults_.push_back(path + ": " + value.dump() + " is not listed");
    }
    if (value.is_array() && schema.contains("items")) {
      for (const auto& item : value) check(schema["items"], item, path + "[]");
    }
    if (value.is_object() && schema.contains("properties")) check_object(schema, value, path);
  }
  void check_object(const json& schema, const json& value, const std::string& path) {
    for (const auto& name : schema["required"]) {
      if (!value.contains(name)) faults_.push_back(path + ": lacks " + name.get<std::string>());
    }
    for (const auto& [name, item] : value.items()) {
      if (schema["properties"].contains(name)) {
        check(schema["properties"][name], item, path + "." + name);
      } else {
        faults_.push_back(path + ": has " + name);
      }
    }
  }

  json document_;
  std::vector<std::string> faults_;
};

TEST(SnapshotJson, FitsItsSchemaInEveryState) {
  Schema schema;
  for (const auto& snapshot :
       {fakes::propagating_snapshot(kNow), fakes::fault_snapshot(kNow),
        fakes::forwarding_snapshot(kNow), fakes::ready_snapshot(kNow), fakes::hosted_snapshot(kNow),
        fakes::blocked_snapshot(kNow), fakes::empty_snapshot(kNow)}) {
    EXPECT_EQ(schema.faults("Snapshot", to_json(snapshot)), std::vector<std::string>());
    EXPECT_EQ(schema.faults("Summary", summary_json(snapshot)), std::vector<std::string>());
    EXPECT_EQ(schema.faults("Report", to_json(snapshot.report)), std::vector<std::string>());
    EXPECT_EQ(schema.faults("Explanation", explanation_json(snapshot)), std::vector<std::string>());
  }
}

TEST(SnapshotJson, TheSchemaWouldSeeAFault) {
  Schema schema;
  json value = to_json(fakes::propagating_snapshot(kNow));
  value.erase("verdict");
  value["surplus"] = 1;
  value["resolvers"][0]["class"] = "purple";
  EXPECT_EQ(schema.faults("Snapshot", value).size(), 3u);
}

TEST(SnapshotJson, SaysWhyForWhomUntilWhen) {
  const json value = to_json(fakes::propagating_snapshot(kNow));
  EXPECT_EQ(value["blocked_by"], json({"propagation", "accounts", "operator"}));
  EXPECT_EQ(value["next_change_at"], "2026-11-22T14:32:10Z");
  EXPECT_EQ(value["evidence"]["by_class"]["old"], 2);
  EXPECT_EQ(value["evidence"]["by_class"]["split"], 1);
  EXPECT_EQ(value["resolvers"][0]["class"], "old");
  EXPECT_EQ(value["roster"]["missing"]["accounts"], json({"joe", "mary", "newbie"}));
}

TEST(SnapshotJson, SaysWhenReadyMayComeAndWhatWouldMoveIt) {
  const json eta = to_json(fakes::propagating_snapshot(kNow))["eta"];
  EXPECT_EQ(eta["earliest_at"], "2026-11-22T14:32:10Z");
  EXPECT_EQ(eta["latest_at"], "2026-11-22T14:38:10Z");
  EXPECT_EQ(eta["waits_for"]["code"], "caches");
  EXPECT_EQ(eta["moves"][0]["effect"], "later");
  const json ready = to_json(fakes::ready_snapshot(kNow))["eta"];
  EXPECT_TRUE(ready["waits_for"].is_null());
  EXPECT_TRUE(ready["earliest_at"].is_null());
}

TEST(SnapshotJson, SaysWhoSeesTheSpfRecordAndUntilWhenOthersMayNot) {
  const json spf = to_json(fakes::propagating_snapshot(kNow))["spf"];
  EXPECT_EQ(spf["verdict"], "pass");
  EXPECT_EQ(spf["text"]["seeing"], 1);
  EXPECT_EQ(spf["text"]["converges_at"], "2026-11-22T14:03:10Z");
  EXPECT_EQ(spf["matrix"]["rows"][0]["state"], "wrong");
  EXPECT_EQ(spf["matrix"]["rows"][0]["results"][1]["result"], "fail");
  EXPECT_EQ(spf["matrix"]["senders"][1], (json{{"role", "new"}, {"ip", "192.0.2.71"}}));
  EXPECT_EQ(spf["matrix"]["converges_at"], "2026-11-22T14:03:01Z");
  const json& trace = spf["matrix"]["rows"][0]["results"][1]["trace"];
  EXPECT_EQ(trace["terms"][0]["asked"][0]["remaining_ttl_s"], 300);
  EXPECT_EQ(trace["terms"][1]["result"], "match");
  EXPECT_TRUE(spf["matrix"]["rows"][0]["results"][0]["trace"].is_null());
  EXPECT_TRUE(to_json(fakes::empty_snapshot(kNow))["spf"]["matrix"].is_null());
  EXPECT_TRUE(to_json(fakes::empty_snapshot(kNow))["spf"]["text"].is_null());
}

TEST(SnapshotJson, HasAMatrixOfEachOwner) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  EXPECT_TRUE(to_json(snapshot)["spf"]["other_matrices"].empty());
  snapshot.other_spf = {*snapshot.spf};
  snapshot.other_spf[0].owner = "boutique.example";
  const json spf = to_json(snapshot)["spf"];
  EXPECT_EQ(spf["matrix"]["owner"], "shop.example");
  EXPECT_EQ(spf["other_matrices"][0]["owner"], "boutique.example");
  EXPECT_EQ(spf["other_matrices"][0]["sends_nothing"], false);
}

TEST(ExplanationJson, HoldsWhatEachPartRestsOn) {
  const json value = explanation_json(fakes::propagating_snapshot(kNow));
  EXPECT_EQ(value["conditions"][1]["id"], "B");
  EXPECT_EQ(value["drain"]["obligations"][0]["ttl_s"], 3600);
  EXPECT_EQ(value["resolvers"][0]["caches"][0]["set"], "10 mail.shop.example");
  EXPECT_EQ(value["resolvers"][0]["caches"][0]["received_at"], "2026-11-22T13:51:05Z");
  EXPECT_EQ(value["assumptions"][1]["code"], "floor");
}

TEST(JsonLine, IsOneLineWhateverTheBytes) {
  const std::string line = json_line(to_json(fakes::hostile_snapshot(kNow)));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(json::accept(line));
}

TEST(Json, AFaultStandsAloneInOneLine) {
  const json fault = to_json(fakes::fault_snapshot(kNow));
  EXPECT_EQ(fault["headline"], "FAULT");
  EXPECT_EQ(fault["turn"], "operator");
  EXPECT_FALSE(fault["ready"].get<bool>());
  EXPECT_EQ(fault["fault"]["gate"], "relay");
  EXPECT_EQ(fault["fault"]["line"].get<std::string>().substr(0, 60),
            "FAULT shop.example: relay node-2 does not answer: connection");
  const json ready = to_json(fakes::ready_snapshot(kNow));
  EXPECT_TRUE(ready["fault"].is_null());
  EXPECT_TRUE(ready["ready"].get<bool>());
  EXPECT_EQ(ready["headline"], "READY");
  auto frozen = fakes::ready_snapshot(kNow);
  frozen.frozen = true;
  EXPECT_FALSE(to_json(frozen)["ready"].get<bool>());
}

}  // namespace
}  // namespace mxswitch::dashboards
