#include "orchestrator/roster/files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/resolve.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr const char* kAccounts = "joe joes-password\nmary marys-password\njane janes-password\n";
constexpr const char* kAliases =
    "info: mary\nsales: mary, jane\nmerry: mary\ndan: dan@yahoo.com\njanitor: joe\n"
    "all: mary, jane, dan, joe\n";

auto read(const std::string& accounts, const std::string& aliases,
          const std::optional<std::string>& catch_all = std::nullopt) {
  return parse_roster_files({"accounts", accounts}, {"aliases", aliases}, "shop.example",
                            catch_all);
}

std::vector<std::string> errors(const std::string& accounts, const std::string& aliases,
                                const std::optional<std::string>& catch_all = std::nullopt) {
  std::vector<std::string> texts;
  const auto files = read(accounts, aliases, catch_all);
  if (files) return texts;
  for (const Error& error : files.error()) texts.push_back(error.text());
  return texts;
}

TEST(RosterFiles, LoadTheProvidersOwnExample) {
  const auto files = read(kAccounts, kAliases);
  ASSERT_TRUE(files) << as_one_error(files.error()).text();
  ASSERT_EQ(files->accounts.size(), 3u);
  EXPECT_EQ(files->accounts[0].name, "joe");
  EXPECT_EQ(files->accounts[0].password, "joes-password");
  ASSERT_EQ(files->aliases.size(), 6u);
  EXPECT_EQ(files->aliases[5].targets, (std::vector<std::string>{"mary", "jane", "dan", "joe"}));
  const RosterIndex index(files->roster());
  EXPECT_THAT(index.expand("all"), ElementsAre("mary", "jane", "dan@yahoo.com", "joe"));
}

TEST(RosterFiles, TakeCommentsBlanksTagsAndForeignLineEnds) {
  const auto files =
      read("\xef\xbb\xbf# people\r\n\r\nJOE  joes#pass\r\n\t mary@shop.example\tpw\nnewbie",
           "# who reads what\ninfo@SHOP.example : Mary , joe+info # both\n@: mary\n");
  ASSERT_TRUE(files) << as_one_error(files.error()).text();
  EXPECT_EQ(files->accounts.at(0).password, "joes#pass");
  EXPECT_EQ(files->accounts.at(1).name, "mary");
  EXPECT_EQ(files->accounts.at(2).password, std::nullopt);
  EXPECT_EQ(files->aliases.at(0), (Alias{"info", {"mary", "joe+info"}}));
  EXPECT_EQ(files->catch_all, "mary");
}

TEST(RosterFiles, KeepACopyWhereAnAliasNamesItself) {
  const auto files = read("joe pw", "joe: joe, joe@phone.example");
  ASSERT_TRUE(files) << as_one_error(files.error()).text();
  EXPECT_THAT(RosterIndex(files->roster()).expand("joe"), ElementsAre("joe", "joe@phone.example"));
}

TEST(RosterFiles, MayBeEmpty) {
  const auto files = read("", "");
  ASSERT_TRUE(files);
  EXPECT_TRUE(RosterIndex(files->roster()).empty());
}

struct Bad {
  std::string accounts, aliases, error;
};

// What a mail client sends must be able to equal what was hashed: UTF-8 that can be seen and typed.
TEST(RosterFiles, RefuseAPasswordThatNobodyCouldType) {
  const struct {
    std::string password, error;
  } kRows[] = {
      {"geheim\xfc",
       "accounts:2: the password holds octets that are no UTF-8; mail clients log in with UTF-8 "
       "(RFC 9051): save the file as UTF-8, not as Latin-1 or Windows-1252"},
      {"a\xc2\xa0z", "accounts:2: the password holds a no-break space; "},
      {"a\xe2\x80\xafz", "accounts:2: the password holds a no-break space; "},
      {"z\xe2\x80\x8b", "accounts:2: the password holds a zero-width space; "},
      {"\xef\xbb\xbfz", "accounts:2: the password holds a zero-width space; "},
      {"a\xe2\x80\x8dz", "accounts:2: the password holds a zero-width character; "},
      {"a\xe3\x80\x80z", "accounts:2: the password holds a blank beyond ASCII; "},
      {"a\xe2\x80\xaez", "accounts:2: the password holds a mark of lines or directions; "},
      {"a\xc2\xadz", "accounts:2: the password holds a soft hyphen; "},
      {"a\xc2\x85z", "accounts:2: the password holds a control character; "},
      {"a\xed\xa0\x80z", "accounts:2: the password holds octets that are no UTF-8; "},
  };
  for (const auto& row : kRows) {
    const auto files = read("mary pw\njoe " + row.password, "");
    ASSERT_FALSE(files) << row.error;
    EXPECT_THAT(as_one_error(files.error()).text(), StartsWith(row.error));
  }
  for (const char* seen : {"geheim\xc3\xbc", "\xe5\xaf\x86\xe7\xa0\x81", "\xf0\x9f\x94\x91", "a!~"})
    EXPECT_TRUE(read(std::string("joe ") + seen, "")) << seen;
}

TEST(RosterFiles, NameEachFaultWithItsLine) {
  const Bad cases[] = {
      {"joe a\njoe b", "", "accounts:2: account \"joe\" stands at line 1 too; remove one of them"},
      {"joe a\nJOE b", "", "accounts:2: account \"joe\" stands at line 1 too; remove one of them"},
      {"joe a # boss", "",
       "accounts:1: more than a name and a password stand here; a password cannot hold a blank, "
       "and a comment needs a line of its own"},
      {"joe:secret", "",
       "accounts:1: a name cannot hold ':'; letters, digits, dots and hyphens are safe"},
      {"joe@other.example a", "",
       "accounts:1: the name is not in shop.example; each domain has files of its own"},
      {"joe+x a", "",
       "accounts:1: a name cannot hold '+'; it begins a tag: mail for joe+tag is mail for joe"},
      {"\xff\xfej\0", "", "accounts: the file is in UTF-16; save it as plain text (UTF-8)"},
      {"joe " + std::string(257, 'x'), "", "accounts:1: the password is longer than 256 octets"},
      {"joe a\x01", "",
       "accounts:1: the password holds a control character; nobody could type it: remove it"},
      {"joe a", "\ninfo joe",
       "aliases:2: no ':' follows the name; write it as \"name: target, target\""},
      {"joe a", "info: joe\ninfo: joe",
       "aliases:2: alias \"info\" stands at line 1 too; put all targets on one line"},
      {"joe a", "info: joe,",
       "aliases:1: a target is missing; write it as \"name: target, target\""},
      {"joe a", "info:", "aliases:1: a target is missing; write it as \"name: target, target\""},
      {"joe a", "info: joe, Joe", "aliases:1: target \"joe\" is twice"},
      {"joe a", "info: marry",
       "aliases:1: target \"marry\" is neither an account nor an alias; add it, or write a whole "
       "address"},
      {"joe a", "joe: x@phone.example",
       "aliases:1: the alias hides the account of the same name; write \"joe: joe, ...\" to keep a "
       "copy, or remove one of them"},
      {"joe a", "info: info, joe",
       "aliases:1: the alias names itself, but there is no such account; add the account or remove "
       "the target"},
      {"joe a", "a: b\nb: c\nc: a",
       "aliases:1: the aliases run in a loop: a -> b -> c -> a; let one of them end at an account "
       "or an outside address"},
      {"joe a", "@: joe, x@y.example",
       "aliases:1: the catch-all has more than one target; make an alias of them and name that"},
      {"joe a", "@: nobody",
       "aliases:1: target \"nobody\" is neither an account nor an alias; add it, or write a whole "
       "address"},
      {"joe a", "info: \"|/bin/vacation joe\"",
       "aliases:1: target \"\"|/bin/vacation joe\"\": a pipe to a program is not allowed; a target "
       "is a name of this roster or an address"},
      {"joe a", "info: /dev/null",
       "aliases:1: target \"/dev/null\": delivery to a file is not allowed; a target is a name of "
       "this roster or an address"},
      {"joe a", ":include:/etc/more",
       "aliases:1: including a file is not allowed; a target is a name of this roster or an "
       "address"},
      {"joe a", ": joe",
       "aliases:1: a special target (\":...:\") is not allowed; a target is a name of this roster "
       "or an address"},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.error);
    const auto found = errors(bad.accounts, bad.aliases);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front(), bad.error);
  }
}

TEST(RosterFiles, ListAllFaultsInOrderUpToTwenty) {
  EXPECT_THAT(errors("joe a\njo:e x\njoe b\n", "x: nobody\ny joe\n"),
              ElementsAre(HasSubstr("accounts:2: "), HasSubstr("accounts:3: "),
                          HasSubstr("aliases:1: "), HasSubstr("aliases:2: ")));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "no colon\n";
  const auto found = errors("", many);
  EXPECT_EQ(found.size(), 20u);
  EXPECT_THAT(found.back(), HasSubstr("aliases:20: "));
}

TEST(RosterFiles, NeverShowAPassword) {
  for (const std::string line :
       {"joe:hunter2", "joe@hunter2", "joe@x:hunter2", "joe,hunter2", "j\u00f6e hunter2",
        "joe a hunter2", "joe@other.example hunter2", "joe b\njoe hunter2", "|hunter2"}) {
    SCOPED_TRACE(line);
    const auto found = errors(line, "");
    ASSERT_FALSE(found.empty());
    for (const std::string& text : found) EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
  }
}

TEST(RosterFiles, TakeTheCatchAllOfThePlanWhereTheFileHasNone) {
  EXPECT_EQ(read("mary a", "", "Mary")->catch_all, "mary");
  EXPECT_THAT(errors("mary a", "@: mary", "mary"),
              ElementsAre("aliases:1: the plan has a catch_all too; remove one of them"));
  EXPECT_THAT(errors("mary a", "", "nobody"), ElementsAre(HasSubstr("neither an account")));
}

TEST(RosterFiles, RefuseAnExpansionOverAThousand) {
  std::string targets, more;
  for (int i = 0; i < 1000; ++i) targets += fmt::format("{}u{}@x.example", i ? ", " : "", i);
  EXPECT_TRUE(read("joe a", "all: " + targets));
  EXPECT_THAT(errors("joe a", "most: " + targets + "\nall: most, joe"),
              ElementsAre("aliases:2: expands to more than 1000 recipients; use a mailing list "
                          "program for lists of this size"));
}

TEST(RosterFiles, BearALongChainOfAliases) {
  std::string chain = "a0: joe\n";
  for (int i = 1; i < 50'000; ++i) chain += fmt::format("a{}: a{}\n", i, i - 1);
  EXPECT_THAT(errors("joe a", chain).front(), HasSubstr("expands to more than 1000 aliases"));
}

TEST(RosterFiles, LoadFromDisk) {
  const std::string path = testing::TempDir() + "mxswitch_roster_accounts";
  std::ofstream(path) << kAccounts;
  EXPECT_EQ(load_roster_files(path, "", "shop.example")->accounts.size(), 3u);
  std::remove(path.c_str());
  const auto missing = load_roster_files(path, "", "shop.example");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().front().text(),
            path + ": the file cannot be read; check the path in the plan and who may read it");
  EXPECT_FALSE(load_roster_files(testing::TempDir(), "", "shop.example"));
}

}  // namespace
}  // namespace mxswitch::orchestrator
