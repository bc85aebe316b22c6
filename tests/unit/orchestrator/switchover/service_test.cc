#include "orchestrator/switchover/service.h"

#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <thread>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

// The loop runs on a thread of its own, as in the daemon; commands come from this one.
class Running {
 public:
  explicit Running(World& world)
      : world_(world), guard_(world.io.get_executor()), service(world.parts()) {
    world_.io.restart();
    thread_ = std::thread([this] { world_.io.run(); });
  }
  ~Running() {
    asio::post(world_.io, [this] { service.stop(); });
    guard_.reset();
    thread_.join();
  }

 private:
  World& world_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::thread thread_;

 public:
  SwitchoverService service;
};

Command command(const std::string& verb, nlohmann::json arguments) {
  Command c;
  c.domain = "shop.example";
  c.verb = verb;
  c.arguments = std::move(arguments);
  c.author = "jo";
  c.idempotency_key = "key-" + verb;
  return c;
}

// The relay would refuse it, after the command was taken.
TEST(Service, AReasonThatTheRelayRefusesIsNotTaken) {
  World w;
  Running running(w);
  ASSERT_TRUE(running.service.submit(command("plan", {{"plan", kPlan}})));
  std::string umlauts;
  for (int i = 0; i < 500; ++i) umlauts += "\xc3\xbc";
  const auto taken = running.service.submit(command("freeze", {{"reason", umlauts}}));
  EXPECT_TRUE(taken) << taken.error().text();
  for (const char* verb : {"unfreeze", "override", "rollback"}) {
    const auto refused = running.service.submit(command(verb, {{"reason", umlauts + "x"}}));
    ASSERT_FALSE(refused) << verb;
    EXPECT_EQ(refused.error().fault, Fault::usage);
    EXPECT_EQ(refused.error().text(),
              "shop.example: the reason has 501 characters, at most 500 are kept; name the ticket "
              "that tells the rest");
  }
  const auto lines = running.service.submit(command("unfreeze", {{"reason", "one\ntwo"}}));
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().mend, "write it in one line");
}

TEST(Service, AFirstPlanMakesADomainKnown) {
  World w;
  Running running(w);
  const auto unknown = running.service.submit(command("freeze", {{"reason", "x"}}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, Fault::not_found);
  const auto bad = running.service.submit(command("plan", {{"plan", "domain = 7"}}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().fault, Fault::usage);
  const auto done = running.service.submit(command("plan", {{"plan", kPlan}}));
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->status, "done");
  const auto kept = running.service.operation(done->id);
  ASSERT_TRUE(kept) << kept.error().text();
  EXPECT_EQ(kept->verb, "plan");
  EXPECT_FALSE(running.service.operation("no-such"));
  const auto frozen = running.service.submit(command("freeze", {{"reason", "x"}}));
  ASSERT_TRUE(frozen);
  EXPECT_TRUE(w.board.find("shop.example")->frozen);
}

TEST(Service, AWaiverOfAnAliasDomainReachesThePlanThatHasIt) {
  World w;
  Running running(w);
  std::string plan = kPlan;
  plan.replace(plan.find("[mx]"), 4, "alias_domains = [\"shop2.example\"]\n[mx]");
  ASSERT_TRUE(running.service.submit(command("plan", {{"plan", plan}})));
  Command waive = command("waive", {{"reason", "known"}, {"resolver", "192.0.2.9"}});
  waive.domain = "shop2.example";
  const auto done = running.service.submit(waive);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->domain, "shop.example");
  EXPECT_EQ(w.board.find("shop.example")->waivers.at(0).owner, "shop2.example");
  waive.domain = "other.example";
  waive.idempotency_key = "another";
  EXPECT_FALSE(running.service.submit(waive));
}

TEST(Service, StoppingRefusesCommands) {
  World w;
  Running running(w);
  running.service.stop();
  const auto refused = running.service.submit(command("freeze", {{"reason", "x"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::unavailable);
}

TEST(Service, ANewDaemonTakesUpWhatTheJournalHolds) {
  World w;
  w.to_ready();
  w.switchover.reset();
  Running running(w);
  auto started = asio::co_spawn(w.io, running.service.start(), asio::use_future);
  ASSERT_TRUE(started.get());
  const auto shot = w.board.find("shop.example");
  ASSERT_TRUE(shot);
  EXPECT_EQ(shot->state, State::ready);
}

}  // namespace
}  // namespace mxswitch::orchestrator
