#include "monitor/watch/spf_evaluate.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>
#include <map>

#include "monitor/watch/spf_views.h"

namespace mxswitch::monitor {
namespace {

namespace spf = probes::spf;
using spf::Lookup;

const Time kStart{seconds(1'000'000)};

// Answers TXT from a table; other names do not exist.
class TableView final : public spf::DnsView {
 public:
  std::map<std::string, std::string> records;
  std::map<std::string, int> asked;
  asio::awaitable<Lookup> lookup(std::string name, probes::RrType type,
                                 spf::AskingBudget&) override {
    ++asked[name];
    Lookup made;
    made.name = name;
    made.type = type;
    made.outcome = Lookup::Outcome::name_error;
    const auto found = records.find(name);
    if (found == records.end()) co_return made;
    made.outcome = found->second == "silence" ? Lookup::Outcome::failed : Lookup::Outcome::no_data;
    if (type != probes::RrType::txt || found->second == "silence") co_return made;
    made.outcome = Lookup::Outcome::found;
    made.records = {probes::Txt{{found->second}}};
    made.ttl = 300;
    co_return made;
  }
};

class SpfEvaluate : public testing::Test {
 protected:
  SpfEvaluate() {
    move.owner = *DnsName::parse("shop.example");
    move.required = {"include:spf.filter.example"};
    move.all = "~all";
    move.senders = matrix_senders({ip("192.0.2.25"), ip("2001:db8::25")}, {ip("198.51.100.7")});
    table->records = {
        {"spf.filter.example", "v=spf1 ip4:198.51.100.0/24 -all"},
        {"nested.example", "v=spf1 include:spf.filter.example -all"},
        {"broken.example", "v=spf1 ip4:"},
        {"quiet.example", "silence"},
    };
  }
  static probes::IpAddress ip(const char* text) { return *probes::IpAddress::parse(text); }

  template <class T>
  T run(asio::awaitable<T> work) {
    auto future = asio::co_spawn(io, std::move(work), asio::use_future);
    io.restart();
    io.run();
    return future.get();
  }
  SpfEvaluation evaluate(const std::string& record) {
    return run(evaluate_spf(table, clock, move, SpfRound{true, Endpoint(), record}));
  }
  std::string results(const std::string& record) {
    std::string text;
    for (const SpfCell& cell : evaluate(record).cells)
      text += std::string(text.empty() ? "" : " ") + std::string(spf::to_text(cell.result));
    return text;
  }
  SpfTermSeen term(const std::string& record) { return evaluate(record).terms.at(0); }

  asio::io_context io;
  ManualClock clock{kStart};
  SpfMove move;
  std::shared_ptr<TableView> table = std::make_shared<TableView>();
};

TEST_F(SpfEvaluate, TellsWhoPassesBothFamiliesAndStrangers) {
  EXPECT_EQ(results("v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 include:spf.filter.example ~all"),
            "pass pass pass softfail softfail");
  EXPECT_EQ(results("v=spf1 ip4:192.0.2.25 include:spf.filter.example -all"),
            "pass fail pass fail fail");
  EXPECT_EQ(table->asked["shop.example"], 0) << "the record is the one that was seen";
}

TEST_F(SpfEvaluate, ARequiredTermMustTakeEffect) {
  struct Case {
    const char* record;
    SpfEffect effect;
    const char* why;
  };
  const Case cases[] = {
      {"v=spf1 include:spf.filter.example ~all", SpfEffect::effective, ""},
      {"v=spf1 +INCLUDE:spf.filter.example ~all", SpfEffect::effective, ""},
      {"v=spf1 include:nested.example ~all", SpfEffect::effective,
       "through include:nested.example"},
      {"v=spf1 redirect=nested.example", SpfEffect::effective, "through redirect=nested.example"},
      {"v=spf1 ~all include:spf.filter.example", SpfEffect::without_effect,
       "it stands after \"~all\" in the record of shop.example and is never reached"},
      {"v=spf1 ~all redirect=nested.example", SpfEffect::without_effect,
       "it stands nowhere in the record"},
      {"v=spf1 ?include:spf.filter.example ~all", SpfEffect::without_effect,
       "\"?include:spf.filter.example\" lets nobody pass"},
      {"v=spf1 ?include:spf.filter.example include:spf.filter.example ~all",
       SpfEffect::without_effect, "\"?include:spf.filter.example\" lets nobody pass"},
      {"v=spf1 ?include:nested.example ~all", SpfEffect::without_effect,
       "it stands nowhere in the record"},
      {"v=spf1 mx ~all", SpfEffect::without_effect, "it stands nowhere in the record"},
      {"v=spf1 include:%{i}.example ~all", SpfEffect::unknown,
       "\"include:%{i}.example\" depends on the sender"},
      {"v=spf1 include:quiet.example ~all", SpfEffect::unknown,
       "no answer about TXT of quiet.example"},
  };
  for (const Case& c : cases) {
    const SpfTermSeen seen = term(c.record);
    EXPECT_EQ(seen.effect, c.effect) << c.record;
    EXPECT_EQ(seen.why, c.why) << c.record;
  }
  table->records["spf.filter.example"] = "v=spf1 ip4:";
  EXPECT_EQ(term("v=spf1 include:spf.filter.example ~all").effect, SpfEffect::without_effect)
      << "its target has no valid record";
}

TEST_F(SpfEvaluate, ATermWithoutADomainCountsInTheOwnersRecordAlone) {
  for (const char* required : {"mx", "a", "ptr", "mx/24", "a:%{d}"}) {
    move.required = {required};
    table->records["hosts.example"] = std::string("v=spf1 ") + required + " -all";
    EXPECT_EQ(term(table->records["hosts.example"]).effect, SpfEffect::effective) << required;
    for (const char* record :
         {"v=spf1 include:hosts.example ~all", "v=spf1 redirect=hosts.example"}) {
      const SpfTermSeen seen = term(record);
      EXPECT_EQ(seen.effect, SpfEffect::without_effect) << required;
      EXPECT_NE(seen.why.find("that domain's hosts"), std::string::npos) << seen.why;
    }
  }
}

TEST_F(SpfEvaluate, NamesWhatAnIncludeLeadsToAndShouldNot) {
  const auto broken = [&](const char* record) {
    const SpfEvaluation made = evaluate(record);
    return made.broken.empty() ? SpfBroken() : made.broken.front();
  };
  EXPECT_EQ(broken("v=spf1 include:spf.filter.example ~all").why, "");
  EXPECT_EQ(broken("v=spf1 include:nowhere.example ~all").why,
            "\"include:nowhere.example\" leads to no SPF record");
  EXPECT_TRUE(broken("v=spf1 include:quiet.example ~all").failed);
  EXPECT_NE(broken("v=spf1 include:broken.example ~all").why.find("broken.example: "),
            std::string::npos);
}

TEST_F(SpfEvaluate, SaysUntilWhenItsAnswersHold) {
  EXPECT_EQ(evaluate("v=spf1 include:spf.filter.example ~all").expires_at, kStart + seconds(300));
  EXPECT_EQ(evaluate("v=spf1 ip4:192.0.2.1 ~all").expires_at, kStart + std::chrono::hours(24));
  EXPECT_EQ(evaluate("v=spf1 include:nowhere.example ~all").expires_at, kStart + seconds(60));
}

TEST_F(SpfEvaluate, AMemorySparesQueriesUntilAnswersExpire) {
  auto below = std::make_unique<TableView>();
  TableView& counted = *below;
  counted.records = table->records;
  const auto memo = std::make_shared<MemoView>(std::move(below), clock, std::chrono::hours(1));
  const SpfRound round{false, *Endpoint::parse("9.9.9.9"),
                       "v=spf1 include:spf.filter.example ~all"};
  for (int i = 0; i < 3; ++i) run(evaluate_spf(memo, clock, move, round));
  EXPECT_EQ(counted.asked["spf.filter.example"], 1);
  clock.advance(seconds(100));
  spf::AskingBudget budget(clock);
  EXPECT_EQ(run(memo->lookup("SPF.filter.example", probes::RrType::txt, budget)).ttl, 200u);
  clock.advance(seconds(200));
  run(evaluate_spf(memo, clock, move, round));
  EXPECT_EQ(counted.asked["spf.filter.example"], 2);
}

TEST_F(SpfEvaluate, TracesWhatIsNotWantedAlone) {
  const SpfEvaluation made =
      evaluate("v=spf1 ip4:192.0.2.25 include:spf.filter.example include:nested.example ~all");
  ASSERT_EQ(made.cells.size(), 5u);
  EXPECT_FALSE(made.cells[0].trace) << "the old sender passes";
  ASSERT_TRUE(made.cells[1].trace) << "in IPv6 it does not";
  ASSERT_EQ(made.cells[1].trace->terms.size(), 4u);
  EXPECT_EQ(made.cells[1].trace->terms[1].term, "include:spf.filter.example");
  EXPECT_FALSE(made.cells[2].trace);
  EXPECT_FALSE(made.cells[3].trace) << "a stranger gets what is wanted";
  for (const SpfCell& cell : evaluate("v=spf1 include:quiet.example ~all").cells)
    EXPECT_FALSE(cell.trace) << "a missing answer would be waited for again";
}

TEST_F(SpfEvaluate, OfAnOwnerThatSendsNothingNothingIsTraced) {
  move.may_send_nothing = true;
  for (const SpfCell& cell : evaluate("v=spf1 -all").cells) EXPECT_FALSE(cell.trace);
}

// Counts what leaves, and answers nothing.
class DeafTransport final : public probes::Transport {
 public:
  int asked = 0;
  asio::awaitable<probes::Reply> ask(probes::Query) override {
    ++asked;
    co_return probes::Reply{};
  }
};

TEST_F(SpfEvaluate, QueriesWaitForTheirTurn) {
  DeafTransport deaf;
  probes::Pacer pacer;
  PacedTransport paced(io.get_executor(), clock, deaf, pacer, probes::Rate{100, 1});
  probes::Query query;
  query.server = *Endpoint::parse("9.9.9.9");
  for (int i = 0; i < 3; ++i) run(paced.ask(query));
  EXPECT_EQ(deaf.asked, 3);
  EXPECT_EQ(pacer.delay(query.server, probes::Rate{100, 1}, clock.now()), Duration(30))
      << "three tokens are taken from the bucket that all share";
}

TEST_F(SpfEvaluate, AQueryWhoseTurnComesTooLateIsNotSent) {
  DeafTransport deaf;
  probes::Pacer pacer;
  const probes::Rate rate{0.1, 1};
  PacedTransport paced(io.get_executor(), clock, deaf, pacer, rate);
  probes::Query query;
  query.server = *Endpoint::parse("9.9.9.9");
  query.patience = seconds(5);
  for (int i = 0; i < 3; ++i) run(paced.ask(query));
  EXPECT_EQ(deaf.asked, 1);
  EXPECT_EQ(pacer.delay(query.server, rate, clock.now()), Duration(seconds(10)))
      << "what was not sent took no turn";
}

// An evaluation that ended because it took too long goes on where it stood.
TEST_F(SpfEvaluate, WhatWasCutShortIsNotRememberedAsAFailure) {
  auto below = std::make_unique<TableView>();
  TableView& counted = *below;
  counted.records["late.example"] = "silence";
  MemoView memo(std::move(below), clock, std::chrono::hours(1));
  spf::AskingBudget budget(clock);
  clock.advance(spf::AskingBudget::kTime);
  run(memo.lookup("late.example", probes::RrType::txt, budget));
  spf::AskingBudget next(clock);
  run(memo.lookup("late.example", probes::RrType::txt, next));
  run(memo.lookup("late.example", probes::RrType::txt, next));
  EXPECT_EQ(counted.asked["late.example"], 2) << "a failure of the name is remembered";
}

}  // namespace
}  // namespace mxswitch::monitor
