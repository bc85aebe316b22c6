#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/history/export_reader.h"
#include "monitor/history/export_stream.h"
#include "monitor/history/history.h"
#include "monitor/history/replay.h"
#include "monitor/history/retention.h"
#include "monitor/history/rows.h"

namespace mxswitch::monitor {
namespace {

using testing::HasSubstr;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
constexpr Duration kDay = std::chrono::hours(24);

TEST(Csv, QuotesByRfc4180AndDisarmsFormulas) {
  const struct {
    const char *text, *field;
  } kCases[] = {{"plain", "plain"},
                {"", ""},
                {"a,b", "\"a,b\""},
                {"say \"no\"", "\"say \"\"no\"\"\""},
                {"two\nlines", "\"two\nlines\""},
                {"=1+1", "'=1+1"},
                {"@x,y", "\"'@x,y\""},
                {"10 mx1.a.example", "10 mx1.a.example"}};
  for (const auto& one : kCases) EXPECT_EQ(csv_field(one.text), one.field);
}

class KeptTest : public testing::Test {
 protected:
  void SetUp() override {
    database = std::move(*open_database("sqlite::memory:", history_migrations()));
    input.owner = DnsName::parse("shop.example").value();
    input.expected = MxSet::parse("10 mx1.filter.example").value();
    core.emplace(input, kStart);
    history.begin(input, lists, kStart, std::nullopt);
    WalkResult walk;
    walk.endpoints = {{name, address}};
    core->set_endpoints(walk.endpoints, kStart);
    history.note(sighting_of(walk, kStart), true, true);
  }

  void poll(const char* set, Time at) {
    AuthoritySample sample;
    sample.owner = input.owner;
    sample.server = name;
    sample.endpoint = address;
    sample.sent_at = sample.received_at = at;
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.set = MxSet::parse(set).value();
    sample.ttl = 3600;
    const auto before = core->revision();
    core->observe(sample);
    history.note(sighting_of(sample), core->revision() != before, true);
    now = at;
  }
  void expect(const char* set) {
    input.expected = MxSet::parse(set).value();
    history.plan(input, lists, now,
                 core->save({now, now, Duration(0), "replay", true, Duration(0)}));
    core->replace_input(input, now);
  }
  void keep() {
    const auto report = core->report(now);
    history.follow(report);
    const auto rows = history.take();
    const auto head = history.head(report);
    ASSERT_TRUE(database->transact_blocking(
        [&](Transaction& transaction) { write_history(transaction, "shop.example", rows, head); }));
  }
  std::string exported(bool csv = false, std::optional<Time> since = {}) {
    auto stream = ExportStream::open(*database, {"shop.example", csv, since, now});
    if (!stream) return stream.error().text();
    std::string text;
    while (const auto piece = *(*stream)->next()) text += *piece;
    return text;
  }
  std::int64_t count(const std::string& condition) {
    return *database->transact_blocking([&](Transaction& transaction) {
      return transaction.query("SELECT count(*) FROM observations WHERE " + condition)[0].integer(
          0);
    });
  }
  Retention::Step prune(RetentionOptions options, Time at) {
    return *database->transact_blocking(
        [&](Transaction& transaction) { return Retention(options).step(transaction, "", at); });
  }

  std::unique_ptr<Database> database;
  DnsName name = DnsName::parse("ns1.shop.example").value();
  Endpoint address = Endpoint::parse("198.51.100.11").value();
  PropagationInput input;
  std::optional<Propagation> core;
  History history;
  ListIndex lists;
  Time now = kStart;
};

TEST_F(KeptTest, AnExportOfTheRowsIsReplayedToTheSameVerdict) {
  for (int i = 0; i < 500; ++i) {
    poll("10 mail.shop.example", kStart + seconds(300) * i);
    if (i % 100 == 0) keep();
  }
  for (int i = 0; i < 5; ++i) poll("10 mx1.filter.example", kStart + seconds(150000 + 30 * i));
  keep();
  const auto file = parse_export(exported(), "x.jsonl");
  ASSERT_TRUE(file) << file.error().text();
  const auto replayed = replay(*file);
  ASSERT_TRUE(replayed) << replayed.error().text();
  EXPECT_TRUE(replayed->equal());
  EXPECT_EQ(replayed->samples, 506u) << "the walk, and each poll that was only counted";
  EXPECT_EQ(replayed->end.strict_until, core->report(now).strict_until);
  EXPECT_EQ(count("kind = 'authority'"), 2);
}

TEST_F(KeptTest, WhatIsYoungerThanTheHeadIsLeftOut) {
  for (const int at : {1, 301}) poll("10 mail.shop.example", kStart + seconds(at));
  keep();
  const std::string before = exported();
  poll("10 mail.shop.example", kStart + seconds(601));
  const auto rows = history.take();  // another piece of an export may see rows of a later save
  ASSERT_TRUE(database->transact_blocking([&](Transaction& transaction) {
    write_history(transaction, "shop.example", rows, *read_head(transaction, "shop.example"));
  }));
  now = kStart + seconds(301);
  EXPECT_EQ(exported(), before);
}

TEST_F(KeptTest, AnUnknownOwnerIsNotFoundAndAPartialExportIsNotReplayed) {
  EXPECT_THAT(exported(), HasSubstr("nothing was observed"));
  poll("10 mail.shop.example", kStart + seconds(1));
  keep();
  const auto partial = parse_export(exported(false, kStart + seconds(1)), "x.jsonl");
  ASSERT_TRUE(partial);
  EXPECT_THAT(replay(*partial).error().text(), HasSubstr("--since"));
  EXPECT_THAT(exported(true),
              HasSubstr("authority,ns1.shop.example 198.51.100.11,answered,10 mail"));
}

TEST_F(KeptTest, RetentionDropsOnlyWhatAStandingVerdictDoesNotRestOn) {
  for (int i = 0; i < 20; ++i) poll("10 mail.shop.example", kStart + seconds(300) * i);
  keep();
  const Time late = kStart + kDay * 400;
  EXPECT_EQ(prune({}, late).deleted, 0) << "however old, it is evidence of the verdict";

  expect("10 mx9.other.example");
  for (int i = 0; i < 5; ++i) poll("10 mx9.other.example", kStart + kDay + seconds(30) * i);
  keep();
  const std::int64_t all = count("1 = 1");
  EXPECT_EQ(prune({kDay * 90, kDay * 14}, kStart + kDay * 2).deleted, 0) << "not old yet";
  const auto thinned = prune({kDay * 90, kDay * 14}, kStart + kDay * 30);
  EXPECT_EQ(thinned.deleted, 0);
  EXPECT_GT(thinned.thinned, 0);
  EXPECT_EQ(count("1 = 1"), all);
  EXPECT_GT(prune({kDay * 90, kDay * 14}, late).deleted, 0);
  EXPECT_EQ(count("kind = 'begin'"), 0);

  const auto replayed = replay(*parse_export(exported(), "x.jsonl"));
  ASSERT_TRUE(replayed) << replayed.error().text();
  EXPECT_TRUE(replayed->equal()) << "the change of the plan holds what came before it";
}

TEST_F(KeptTest, AnOwnerThatLeftIsForgottenInTime) {
  poll("10 mail.shop.example", kStart + seconds(1));
  history.left(now);
  keep();
  EXPECT_EQ(prune({}, kStart + kDay * 10).deleted, 0);
  EXPECT_GT(prune({}, kStart + kDay * 91).deleted, 0);
  EXPECT_EQ(count("1 = 1"), 0);
}

TEST(ExportReader, NamesTheLineThatItCannotRead) {
  const std::string header =
      R"({"kind":"header","format":"mxswitch-observations","version":1,"owner":"a.example",)"
      R"("since_at":null,"resolvers":{}})";
  const auto with = [&](const std::string& lines) { return header + "\n" + lines; };
  const struct {
    std::string text, error;
  } kCases[] = {
      {"", "x:1: the file is empty"},
      {"{\n", "x:1: "},
      {"{\"kind\":\"end\"}\n", "x:1: the first line must be the header of an export"},
      {header, "x:1: the file ends before its \"end\" line"},
      {R"({"kind":"header","format":"other"})", "x:1: not the format"},
      {R"({"kind":"header","format":"mxswitch-observations","version":9})",
       "x:1: version 9 is not known here, only 1"},
      {with(header), "x:2: a second header"},
      {with("{\"kind\":\"verdict\",\"seq\":1}\n"), "x:2: "},
      {with("{\"kind\":\"verdict\",\"seq\":1,\"at\":\"noon\"}\n"), "x:2: \"noon\" is not a time"},
      {with(R"({"kind":"walk","server":"","answer":{},"whole":true,"samples":[[1]]})"), "x:2: "},
      {with(R"({"kind":"x]","seq":1,"deep":)" + std::string(100'000, '[')), "x:2: nested too deep"},
  };
  for (const auto& one : kCases) {
    const auto file = parse_export(one.text, "x");
    ASSERT_FALSE(file) << one.text;
    EXPECT_THAT(file.error().text(), HasSubstr(one.error));
  }
}

}  // namespace
}  // namespace mxswitch::monitor
