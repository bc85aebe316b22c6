// Resolution, digest, difference and the graph over several domains.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "orchestrator/roster/difference.h"
#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/resolve.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Roster example() {
  Roster roster;
  roster.accounts = {{"joe", false}, {"mary", false}, {"jane", true}};
  roster.aliases = {{"info", {"mary"}},
                    {"sales", {"mary", "jane"}},
                    {"dan", {"dan@yahoo.com"}},
                    {"all", {"sales", "info", "dan", "joe"}},
                    {"joe", {"joe", "joe@phone.example"}}};
  return roster;
}

TEST(Resolve, FindsAccountsAliasesTagsAndTheCatchAll) {
  struct Case {
    const char* name;
    RecipientKind kind;
    const char* found;
  };
  const Case cases[] = {
      {"mary", RecipientKind::account, "mary"},      {"MARY", RecipientKind::account, "mary"},
      {"mary+shop", RecipientKind::account, "mary"}, {"mary+a+b", RecipientKind::account, "mary"},
      {"Sales", RecipientKind::alias, "sales"},      {"sales+x", RecipientKind::alias, "sales"},
      {"joe", RecipientKind::alias, "joe"},          {"nobody", RecipientKind::unknown, ""},
      {"+mary", RecipientKind::unknown, ""},         {"", RecipientKind::unknown, ""},
      {"mar", RecipientKind::unknown, ""},           {"nobody+mary", RecipientKind::unknown, ""},
      {"mary+a&b.", RecipientKind::account, "mary"}, {"mary+\xc3\xbc", RecipientKind::unknown, ""},
      {"mary+a b", RecipientKind::unknown, ""},      {"mary+a@b", RecipientKind::unknown, ""},
  };
  const RosterIndex index(example());
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto found = index.resolve(c.name);
    EXPECT_EQ(to_text(found.kind), to_text(c.kind));
    EXPECT_EQ(found.name, c.found);
  }
  auto caught = example();
  caught.catch_all = "mary";
  const auto found = resolve(caught, "nobody");
  EXPECT_EQ(found.kind, RecipientKind::catch_all);
  EXPECT_THAT(found.targets, ElementsAre("mary"));
  EXPECT_EQ(resolve(caught, "joe").kind, RecipientKind::alias);
}

TEST(Resolve, HasNoTagsWithoutADelimiter) {
  auto roster = example();
  roster.delimiter.reset();
  EXPECT_FALSE(resolve(roster, "mary+shop").known());
}

TEST(Expand, ReachesEachRecipientOnce) {
  const RosterIndex index(example());
  EXPECT_THAT(index.expand("all"),
              ElementsAre("mary", "jane", "dan@yahoo.com", "joe", "joe@phone.example"));
  EXPECT_THAT(index.expand("joe"), ElementsAre("joe", "joe@phone.example"));
  EXPECT_THAT(index.expand("mary+x"), ElementsAre("mary"));
  EXPECT_THAT(index.expand("nobody"), IsEmpty());
}

TEST(Expand, FollowsATagInATarget) {
  auto roster = example();
  roster.aliases.push_back({"lists", {"mary+lists"}});
  EXPECT_THAT(RosterIndex(roster).expand("lists"), ElementsAre("mary"));
}

TEST(Expand, EndsInALoop) {
  Roster roster;
  roster.aliases = {{"a", {"b"}}, {"b", {"a", "x@y.example"}}};
  EXPECT_THAT(RosterIndex(roster).expand("a"), ElementsAre("x@y.example"));
}

TEST(Digest, DoesNotDependOnOrderCaseOrPasswords) {
  const auto digest = roster_digest(example());
  EXPECT_EQ(digest.size(), 64u);
  auto other = example();
  std::reverse(other.accounts.begin(), other.accounts.end());
  std::reverse(other.aliases.begin(), other.aliases.end());
  std::reverse(other.aliases[1].targets.begin(), other.aliases[1].targets.end());
  other.accounts[0].name = "JANE";
  other.accounts[1].must_change_password = true;
  other.digest = "whatever";
  EXPECT_EQ(roster_digest(other), digest);
}

TEST(Digest, ChangesWithEachPartThatDecidesWhereMailGoes) {
  std::vector<Roster> rosters(7, example());
  rosters[1].accounts.pop_back();
  rosters[2].aliases[0].name = "infos";
  rosters[3].aliases[0].targets = {"jane"};
  rosters[4].catch_all = "mary";
  rosters[5].delimiter.reset();
  rosters[6].same_as = "shop.example";
  std::set<std::string> digests;
  for (const Roster& roster : rosters) digests.insert(roster_digest(roster));
  EXPECT_EQ(digests.size(), rosters.size());
}

TEST(Digest, TellsAnAccountFromAnAliasOfTheSameLetters) {
  Roster one, two;
  one.accounts = {{"a", false}};
  two.aliases = {{"a", {}}};
  EXPECT_NE(roster_digest(one), roster_digest(two));
}

TEST(Digest, OfAWriteIsTheDigestOfWhatItMakes) {
  RosterWrite write;
  const Roster roster = example();
  for (const Account& account : roster.accounts) {
    write.accounts.emplace_back().name = account.name;
  }
  write.aliases = roster.aliases;
  EXPECT_EQ(roster_of(write).digest, roster_digest(roster));
}

TEST(Difference, ListsWhatIsMissingExtraAndChanged) {
  const auto wanted = example();
  auto found = example();
  EXPECT_TRUE(difference(wanted, found).nothing_missing());
  found.accounts[0].name = "olaf";
  found.aliases[0].name = "offers";
  found.aliases[1].targets = {"jane", "MARY"};
  found.aliases[2].targets = {"dan@elsewhere.example"};
  found.catch_all = "mary";
  const auto result = difference(wanted, found);
  EXPECT_THAT(result.missing_accounts, ElementsAre("joe"));
  EXPECT_THAT(result.extra_accounts, ElementsAre("olaf"));
  EXPECT_THAT(result.missing_aliases, ElementsAre("info"));
  EXPECT_THAT(result.extra_aliases, ElementsAre("@", "offers"));
  EXPECT_THAT(result.changed_aliases, ElementsAre("dan"));
  EXPECT_FALSE(result.nothing_missing());
}

TEST(Graph, AcceptsTheExample) { EXPECT_THAT(check_roster("shop.example", example()), IsEmpty()); }

TEST(Graph, RefusesNamesAndDuplicatesThatComeOverTheApi) {
  auto roster = example();
  roster.accounts.push_back({"Mary", false});
  roster.accounts.push_back({"a b", false});
  roster.accounts.push_back({"a+b", false});
  std::vector<std::string> faults;
  for (const auto& fault : check_roster("shop.example", roster)) faults.push_back(fault.what);
  EXPECT_THAT(faults, ElementsAre("the account is twice", "a name cannot hold ' '",
                                  "a name cannot hold '+'"));
}

TEST(Graph, RefusesNamesInAnAliasDomain) {
  auto roster = example();
  roster.same_as = "other.example";
  ASSERT_EQ(check_roster("shop.example", roster).size(), 1u);
}

TEST(Graph, FindsALoopOverTheRelaysDomains) {
  Roster shop, store, alias;
  shop.aliases = {{"a", {"b@store.example"}}};
  store.catch_all = "A@old-shop.example";
  alias.same_as = "shop.example";
  EXPECT_THAT(check_roster("shop.example", shop), IsEmpty());
  const auto faults = check_rosters(
      {{"shop.example", shop}, {"store.example", store}, {"old-shop.example", alias}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].domain, "shop.example");
  EXPECT_EQ(faults[0].what, "the aliases run in a loop: a -> @store.example -> a");
}

TEST(Graph, EndsWhereDomainsAreAliasesOfEachOther) {
  Roster one, two, three;
  one.same_as = "two.example";
  two.same_as = "one.example";
  three.aliases = {{"a", {"a@one.example"}}};
  EXPECT_THAT(check_rosters({{"one.example", one}, {"two.example", two}, {"three.example", three}}),
              IsEmpty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
