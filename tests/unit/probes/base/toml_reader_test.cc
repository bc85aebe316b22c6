#include "probes/base/toml_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

namespace mxswitch {
namespace {

using Read = std::function<void(TomlTable)>;

std::string error_of(const std::string& text, const Read& read) {
  auto document = TomlDocument::parse(text, "shop.toml");
  if (!document) return document.error().text();
  read(document->root());
  const auto finished = document->finish();
  return finished ? "" : finished.error().text();
}

TEST(TomlReader, ReadsEveryKind) {
  auto document = TomlDocument::parse(
      "name = \"joe\"\nport = 25\nshare = 0.5\nwhole = 2\non = true\nwait = \"1h30m\"\n"
      "at = 2026-11-22T15:32:10+01:00\nalso_at = \"2026-11-22T14:32:10Z\"\n"
      "one = \"a\"\nmany = [\"a\", \"b\"]\n[relay]\nhost = \"h\"\n[[node]]\nid = \"1\"\n"
      "[[node]]\nid = \"2\"\n",
      "shop.toml");
  ASSERT_TRUE(document);
  TomlTable root = document->root();
  EXPECT_EQ(root.string("name"), "joe");
  EXPECT_EQ(root.string("absent", "x"), "x");
  EXPECT_EQ(root.integer("port", 0, 1, 65535), 25);
  EXPECT_EQ(root.integer("other_port", 465, 1, 65535), 465);
  EXPECT_EQ(root.number("share", 0, 0, 1), 0.5);
  EXPECT_EQ(root.number("whole", 0, 0, 5), 2.0);
  EXPECT_TRUE(root.boolean("on", false));
  EXPECT_EQ(root.duration("wait", Duration(0)), std::chrono::minutes(90));
  EXPECT_EQ(root.time("at"), Time(seconds(1795357930)));
  EXPECT_EQ(root.time("also_at"), root.time("at"));
  EXPECT_EQ(root.time("never"), std::nullopt);
  EXPECT_EQ(root.strings("one"), std::vector<std::string>{"a"});
  EXPECT_EQ(root.strings("many"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(root.table("relay").required_string("host"), "h");
  EXPECT_EQ(root.table("none").string("x", "fallback"), "fallback");
  auto nodes = root.tables("node");
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].string("id") + nodes[1].string("id"), "12");
  EXPECT_TRUE(root.has("port"));
  EXPECT_FALSE(root.has("prot"));
  EXPECT_EQ(root.where("port"), "shop.toml:2");
  EXPECT_EQ(nodes[1].where("id"), "shop.toml:16");
  EXPECT_TRUE(document->finish());
}

TEST(TomlReader, ErrorsSayWhatWhereAndMend) {
  const Read port = [](TomlTable root) { root.integer("port", 0, 1, 65535); };
  const Read host = [](TomlTable root) { root.table("relay").required_string("host"); };
  const struct {
    const char* text;
    Read read;
    const char* error;
  } kRows[] = {
      {"\nport = 0", port, "shop.toml:2: \"port\" is 0; give a whole number from 1 to 65535"},
      {"port = \"25\"", port,
       "shop.toml:1: \"port\" is a string; give a whole number from 1 to 65535"},
      {"port = 25.5", port,
       "shop.toml:1: \"port\" is a number; give a whole number from 1 to 65535"},
      {"\n\nprot = 25", port, "shop.toml:3: unknown key \"prot\"; did you mean \"port\"?"},
      {"zebra = 1", port, "shop.toml:1: unknown key \"zebra\"; remove it"},
      {"\n[relay]\n", host, "shop.toml:2: \"host\" is missing in [relay]; add host = \"...\""},
      {"[relay]\nhots = \"x\"", host, "shop.toml:2: unknown key \"hots\"; did you mean \"host\"?"},
      {"[realy]\nhost = \"x\"", host,
       "shop.toml:1: unknown key \"realy\"; did you mean \"relay\"?"},
      {"relay = 3", host, "shop.toml:1: \"relay\" is a number; write a table: [relay]"},
      {"x = nan", [](TomlTable root) { root.number("x", 0, 0, 1); },
       "shop.toml:1: \"x\" is nan; give a number from 0 to 1"},
      {"x = \"yes\"", [](TomlTable root) { root.boolean("x", false); },
       "shop.toml:1: \"x\" is a string; write true or false, without quotes"},
      {"x = \"5\"", [](TomlTable root) { root.duration("x", Duration(0)); },
       "shop.toml:1: x = \"5\" is not a duration; "
       "write it like \"500ms\", \"45s\", \"30m\", \"1h30m\" or \"2d\""},
      {"x = 2026-11-22T14:32:10", [](TomlTable root) { root.time("x"); },
       "shop.toml:1: \"x\" is not a time in UTC; "
       "write RFC 3339 in UTC, like 2026-11-22T14:32:10Z"},
      {"x = [1]", [](TomlTable root) { root.strings("x"); },
       "shop.toml:1: \"x\" holds a number; write an array of strings: [\"a\", \"b\"]"},
      {"[x]", [](TomlTable root) { root.tables("x"); },
       "shop.toml:1: \"x\" is a table; write one table an entry: [[x]]"},
      {"\n[[x]]\ny = 1\n[[x]]\nz = 1",
       [](TomlTable root) {
         for (auto& t : root.tables("x")) t.integer("y", 0, 0, 9);
       },
       "shop.toml:5: unknown key \"z\"; remove it"},
      {"x = \"ham\"",
       [](TomlTable root) {
         if (root.string("x") != "spam") root.refuse("x", "no spam", "add it");
       },
       "shop.toml:1: no spam; add it"},
      {"port = 0\nother = 1\n",
       [&](TomlTable root) {
         port(root);
         root.boolean("other", false);
         root.refuse("other", "follows from it");
       },
       "shop.toml:1: \"port\" is 0; give a whole number from 1 to 65535\n"
       "shop.toml:2: \"other\" is a number; write true or false, without quotes"},
      {"zebra = 1\nport = 0", port,
       "shop.toml:1: unknown key \"zebra\"; remove it\n"
       "shop.toml:2: \"port\" is 0; give a whole number from 1 to 65535"},
      {"\"a\\u001b[31m\" = 1", port, "shop.toml:1: unknown key \"a?[31m\"; remove it"},
  };
  for (const auto& row : kRows) EXPECT_EQ(error_of(row.text, row.read), row.error) << row.text;
}

TEST(TomlReader, SyntaxErrorsNameTheLine) {
  const auto broken = TomlDocument::parse("a = 1\nb = \n", "shop.toml");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().where, "shop.toml:2");
  EXPECT_EQ(broken.error().fault, Fault::usage);
  EXPECT_EQ(TomlDocument::parse(std::string(5u << 20, ' '), "x").error().what,
            "the file is longer than 4 MiB");
}

TEST(TomlReader, ReadsFiles) {
  EXPECT_EQ(TomlDocument::read_file("/nonexistent/a.toml").error().text(),
            "/nonexistent/a.toml: cannot read the file; check its name and that you may read it");
  EXPECT_EQ(TomlDocument::read_file("/nonexistent/a.toml").error().fault, Fault::not_found);
  EXPECT_EQ(TomlDocument::read_file("/tmp").error().what, "this is a directory");
  const std::string path = testing::TempDir() + "mxswitch_toml_reader_test.toml";
  std::ofstream(path) << "a = 1\n";
  auto document = TomlDocument::read_file(path);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().integer("a", 0, 0, 9), 1);
  std::remove(path.c_str());
}

TEST(TomlReader, NearestFindsSlipsOnly) {
  const std::vector<std::string> known = {"policy", "plan", "relay", "on", ""};
  EXPECT_EQ(nearest("polcy", known), "policy");
  EXPECT_EQ(nearest("realy", known), "relay");
  EXPECT_EQ(nearest("no", known), "on");
  EXPECT_EQ(nearest("x", known), std::nullopt);
  EXPECT_EQ(nearest("propagation", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'a'), known), std::nullopt);
}

void read_at_random(TomlTable table, int depth) {
  table.optional_string("a");
  table.integer("b", 0, 0, 9);
  table.number("c", 0, 0, 9);
  table.time("d");
  table.duration("e", Duration(0));
  table.strings("a");
  for (auto& each : table.tables("f")) each.boolean("a", false);
  if (depth > 0) read_at_random(table.table("a"), depth - 1);
}

TEST(TomlReader, SurvivesAnyBytes) {
  std::mt19937 random(20261122);
  const std::string pieces[] = {"a",
                                "b",
                                "[",
                                "]",
                                "[[f]]\n",
                                "=",
                                "\"",
                                "'''",
                                ".",
                                "\n",
                                "{",
                                "}",
                                "1979-05-27T07:32:00Z",
                                "0x",
                                "1e9",
                                "inf",
                                "\\u",
                                ",",
                                "d = ",
                                "[a]\n",
                                "#",
                                " ",
                                "true"};
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (auto i = random() % 40; i > 0; --i) {
      if (random() % 8 == 0) {
        text += static_cast<char>(random());
      } else {
        text += pieces[random() % std::size(pieces)];
      }
    }
    auto document = TomlDocument::parse(text, "random");
    if (!document) continue;
    read_at_random(document->root(), 3);
    (void)document->finish();
  }
}

}  // namespace
}  // namespace mxswitch
