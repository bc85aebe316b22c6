// roster load over nodes that have names already, and nodes that die.

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

const char* kHash = "{ARGON2ID}$argon2id$v=19$m=1,t=1,p=1$YWJj$YWJj";

RosterWrite names(const std::vector<std::string>& accounts) {
  RosterWrite write;
  for (const std::string& name : accounts)
    write.accounts.push_back({name, kHash, false, false, {}});
  return write;
}

Operation load(World& w, const RosterWrite& write, bool remove_missing = false) {
  return w.command("roster", {{"roster", to_json(write)}, {"remove_missing", remove_missing}});
}

std::string text_of(const Operation& op) { return op.detail.value("text", ""); }
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(RosterLoad, KeepsWhatTheFilesLackAndNamesIt) {
  World w;
  w.to_ready();
  const Operation op = load(w, names({"joe", "ann"}));
  ASSERT_EQ(op.status, "done") << op.detail;
  EXPECT_EQ(w.relay.at("node-1").roster.accounts.size(), 3u) << "joe and ann, and mary stays";
  EXPECT_TRUE(has(text_of(op), "2 that the files do not name stay: mary, sales")) << text_of(op);
  EXPECT_EQ(w.shot()->roster.extra_accounts, std::vector<std::string>{"mary"});
}

TEST(RosterLoad, RemovesOnlyWhenTold) {
  World w;
  w.to_ready();
  const Operation op = load(w, names({"joe"}), true);
  ASSERT_EQ(op.status, "done") << op.detail;
  EXPECT_EQ(w.relay.at("node-2").roster.accounts.size(), 1u);
  EXPECT_TRUE(has(text_of(op), "2 that the files do not name went")) << text_of(op);
}

TEST(RosterLoad, RefusesFilesWithoutNames) {
  World w;
  w.to_hosted();
  for (const bool remove : {false, true}) {
    const Operation op = load(w, {}, remove);
    EXPECT_EQ(op.exit_code, 2);
    EXPECT_TRUE(has(text_of(op), "name no account and no alias")) << text_of(op);
  }
  RosterWrite aliases;
  aliases.aliases = {{"dan", {"dan@yahoo.example"}}};
  const Operation op = load(w, aliases, true);
  EXPECT_EQ(op.exit_code, 2);
  EXPECT_TRUE(has(text_of(op), "would remove all 2")) << text_of(op);
  EXPECT_EQ(w.relay.at("node-1").roster.accounts.size(), 2u);
}

TEST(RosterLoad, WritesNoNodeWhenOneIsSilent) {
  World w;
  w.to_ready();
  w.relay.at("node-2").silent = true;
  const Operation op = load(w, names({"joe", "ann"}));
  EXPECT_EQ(op.status, "refused");
  EXPECT_EQ(op.exit_code, 3);
  EXPECT_TRUE(has(text_of(op), "node-2") && has(text_of(op), "no node was written"));
  EXPECT_EQ(w.relay.at("node-1").roster.accounts.size(), 2u);
}

TEST(RosterLoad, TellsWhichNodeTookItWhenOneDiesMeanwhile) {
  World w;
  w.to_ready();
  w.relay.at("node-2").drops_rosters = true;
  const Operation op = load(w, names({"joe", "ann"}));
  EXPECT_EQ(op.status, "failed");
  EXPECT_EQ(op.exit_code, 4);
  EXPECT_TRUE(has(text_of(op), "node-1 took the roster, not so node-2")) << text_of(op);
  EXPECT_EQ(w.shot()->history.back().what, "roster");
  EXPECT_TRUE(has(w.shot()->history.back().why, "the nodes differ now"));
}

TEST(RosterLoad, NamesThoseWhoStartWithTheDefaultPassword) {
  World w;
  w.to_ready();
  RosterWrite write = names({});
  for (const char* name : {"joe", "ann"}) {
    write.accounts.push_back({name, kHash, true, false, w.clock.now() + std::chrono::hours(720)});
  }
  EXPECT_EQ(load(w, write).detail["on_default_password"], nlohmann::json({"ann"}));
  EXPECT_TRUE(load(w, write).detail["on_default_password"].empty()) << "they have it since";
}

}  // namespace
}  // namespace mxswitch::orchestrator
