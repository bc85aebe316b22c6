// Loading again adds and changes; what the files lack stays.
#include "orchestrator/roster/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/roster/difference.h"
#include "orchestrator/roster/digest.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AccountWrite with_password(const std::string& name) { return {name, "{X}hash", false, false, {}}; }
AccountWrite on_default(const std::string& name) {
  return {name, "{X}default", true, false, Time{} + seconds(100)};
}

Roster at_node() {
  Roster roster;
  roster.accounts = {{"joe", false}, {"bob", false}};
  roster.aliases = {{"sales", {"joe"}}, {"old", {"bob"}}};
  roster.catch_all = "bob";
  return roster;
}

TEST(Merge, AddsAndChangesAndKeepsWhatTheFilesLack) {
  RosterWrite given;
  given.accounts = {with_password("Joe"), on_default("ann")};
  given.aliases = {{"sales", {"ann"}}};
  const Roster whole = roster_of(merged(given, {at_node(), at_node()}));
  std::vector<std::string> names;
  for (const Account& account : whole.accounts) names.push_back(account.name);
  EXPECT_THAT(names, ElementsAre("Joe", "ann", "bob"));
  ASSERT_EQ(whole.aliases.size(), 2u);
  EXPECT_THAT(whole.aliases[0].targets, ElementsAre("ann")) << "the files' word counts";
  EXPECT_EQ(whole.aliases[1].name, "old");
  EXPECT_EQ(whole.catch_all, "bob");
}

TEST(Merge, KeepsAnAccountWithoutTouchingItsPassword) {
  const RosterWrite whole = merged({}, {at_node()});
  for (const AccountWrite& account : whole.accounts) {
    EXPECT_FALSE(account.password_hash);
    EXPECT_FALSE(account.reset_password);
  }
}

TEST(Merge, MakesNodesEqualThatDiffer) {
  Roster second = at_node();
  second.accounts = {{"joe", false}, {"eve", true}};
  second.aliases = {{"sales", {"eve"}}, {"old", {"joe"}}};
  RosterWrite given;
  given.accounts = {with_password("joe")};
  const RosterWrite whole = merged(given, {at_node(), second});
  EXPECT_EQ(whole.accounts.size(), 3u);
  EXPECT_THAT(whole.aliases[0].targets, ElementsAre("joe")) << "the first node's word";
}

TEST(Merge, LetsAnAliasGoThatBecameAnAccountAndKeepsOneThatCopies) {
  Roster node = at_node();
  node.aliases = {{"info", {"joe"}}, {"joe", {"joe", "joe@phone.example"}}};
  RosterWrite given;
  given.accounts = {with_password("info"), with_password("joe")};
  const RosterWrite whole = merged(given, {node});
  ASSERT_EQ(whole.aliases.size(), 1u);
  EXPECT_EQ(whole.aliases[0].name, "joe");
}

TEST(RosterEffect, NamesExtrasAndThoseWhoStartWithTheDefaultPassword) {
  RosterWrite given;
  given.accounts = {on_default("joe"), on_default("ann"), with_password("tim")};
  const RosterEffect effect = effect_of(given, {at_node()});
  EXPECT_THAT(effect.extra_accounts, ElementsAre("bob"));
  EXPECT_THAT(effect.extra_aliases, ElementsAre("@", "old", "sales"));
  EXPECT_THAT(effect.on_default_password, ElementsAre("ann")) << "joe keeps the password he has";
  given.accounts[0].reset_password = true;
  EXPECT_THAT(effect_of(given, {at_node()}).on_default_password, ElementsAre("ann", "joe"));
}

TEST(RosterEffect, CountsAnAccountAsNewThatOneNodeLacks) {
  Roster second = at_node();
  second.accounts.clear();
  RosterWrite given;
  given.accounts = {on_default("joe")};
  EXPECT_THAT(effect_of(given, {at_node(), second}).on_default_password, ElementsAre("joe"));
  EXPECT_THAT(effect_of(given, {at_node()}).on_default_password, IsEmpty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
