// What was planned, read or judged, and then overtaken: a coroutine awaits, somebody else decides
// meanwhile, and what it goes on with is of no use any more. No write of the older operation may
// leave, and nothing older may be written over what is newer.

#include <gtest/gtest.h>

#include <asio/detached.hpp>
#include <asio/post.hpp>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using Done = asio::awaitable<void>;

Command to(const std::string& verb, nlohmann::json arguments) {
  Command c;
  c.domain = "shop.example";
  c.verb = verb;
  c.author = "ann";
  c.arguments = std::move(arguments);
  return c;
}

// Made outside of the coroutines: g++ 12 can't keep a braced list over a wait.
Command rollback() { return to("rollback", {{"reason", "stop"}}); }
Command first_plan() { return to("plan", {{"plan", std::string(kPlan)}}); }
Command switching(const std::string& digest) {
  return to("switch", {{"reason", "moving"}, {"plan", digest}});
}

Done carry_out(World& w, Command command) {
  auto done = co_await w.switchover->execute(command);
  if (!done) throw std::runtime_error(done.error().text());
  w.relay.log.push_back(fmt::format("{} {}", command.verb, done->status));
}

// Lets what was spawned before come to its first wait.
Done settle_down() {
  for (int i = 0; i < 20; ++i) co_await asio::post(asio::use_awaitable);
}

// A disk that is slow until it is let go.
class SlowDisk {
 public:
  explicit SlowDisk(World& w) {
    const auto work = [held = let_go_.get_future().share()](monitor::Transaction&) { held.wait(); };
    const auto blocked = [](World* world, auto job) -> Done {
      (void)co_await world->database->transact(job);
    };
    asio::co_spawn(w.io, blocked(&w, work), asio::detached);
  }
  // After all that can run now has run.
  void let_go_later(World& w) {
    asio::post(w.io, [this] { let_go_.set_value(); });
  }

 private:
  std::promise<void> let_go_;
};

// The lines of the relay's log after the command was accepted.
std::vector<std::string> after(const World& w, const std::string& verb) {
  const auto& log = w.relay.log;
  const auto accepted = std::ranges::find_if(
      log, [&](const std::string& line) { return line.starts_with(verb + " "); });
  EXPECT_NE(accepted, log.end()) << verb << " was not carried out";
  return {accepted, log.end()};
}
void expect_no_hosted_after(const World& w, const std::string& verb) {
  for (const std::string& line : after(w, verb)) {
    EXPECT_EQ(line.find(" hosted "), std::string::npos) << line;
  }
}

const GateResult& gate_of(const World& w, const std::string& id) {
  for (const GateResult& gate : w.switchover->gates()) {
    if (gate.id == id) return gate;
  }
  throw std::runtime_error("no gate " + id);
}

std::string plan_with(const std::string& from, const std::string& to) {
  std::string text = kPlan;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Overtaken, NoHostedWriteLeavesUnderARollbackThatIsAcceptedBySlowCommit) {
  World w;
  w.to_ready();
  w.order_switch();
  SlowDisk* disk = nullptr;
  std::unique_ptr<SlowDisk> slow;
  w.relay.travelling = [&](std::string node, std::string what) -> Done {
    const bool between = what == "domain" && node == "node-2" && !slow &&
                         w.mode("node-1") == Mode::hosted && w.mode("node-2") == Mode::split;
    if (!between) co_return;
    slow = std::make_unique<SlowDisk>(w);
    disk = slow.get();
    asio::co_spawn(w.io, carry_out(w, rollback()), asio::detached);
    co_await settle_down();  // the rollback waits for its commit; the driver's progress queues
    disk->let_go_later(w);
  };
  w.ticks(1);
  expect_no_hosted_after(w, "rollback");
  w.ticks(3);
  EXPECT_EQ(w.mode("node-1"), Mode::forward);
  EXPECT_EQ(w.mode("node-2"), Mode::forward);
}

TEST(Overtaken, NoHostedWriteLeavesOnceARollbackWasAcceptedWhileItConnected) {
  World w;
  w.to_ready();
  w.order_switch();
  bool fired = false;
  w.relay.connecting = [&](std::string node) -> Done {
    if (fired || node != "node-2" || w.mode("node-1") != Mode::hosted) co_return;
    fired = true;
    co_await carry_out(w, rollback());
  };
  w.ticks(1);
  ASSERT_TRUE(fired);
  expect_no_hosted_after(w, "rollback");
  EXPECT_EQ(w.relay.withdrawn, 1);
}

TEST(Overtaken, ARollbackIsNeitherDelayedNorBlamedForTheWriteBeforeIt) {
  World w;
  w.to_ready();
  const Operation order = w.order_switch();
  bool fired = false;
  w.relay.connecting = [&](std::string node) -> Done {
    if (fired || node != "node-2" || w.mode("node-1") != Mode::hosted) co_return;
    fired = true;
    w.relay.at("node-2").lose_answers = 1;  // of the rollback's own write: it is read anew
    co_await carry_out(w, rollback());
  };
  w.ticks(1);
  ASSERT_TRUE(fired);
  EXPECT_EQ(w.mode("node-1"), Mode::forward) << "at once, in the same turn of the actor";
  EXPECT_EQ(w.operation(order.id).detail["text"], "rolled back by ann: stop");
  EXPECT_EQ(w.count("SELECT count(*) FROM outbox WHERE kind = 'stuck'"), 0);
}

TEST(Overtaken, NamesAreNotRefusedAtANodeAfterARollback) {
  World w;
  w.command("plan", {{"plan", plan_with("unknown_grace = \"0s\"", "unknown_grace = \"10s\"")}});
  w.acknowledge();
  w.gather();
  w.ticks(3);
  w.order_switch();
  w.ticks(1);
  bool fired = false;
  w.relay.connecting = [&](std::string) -> Done {
    if (fired) co_return;
    fired = true;
    co_await carry_out(w, rollback());
  };
  w.run(w.switchover->refresh_relay());
  w.ticks(3);
  ASSERT_TRUE(fired) << to_text(w.state());
  expect_no_hosted_after(w, "rollback");
}

TEST(Overtaken, NextHopsOfAPlanThatWasReplacedAreNotWritten) {
  World w;
  w.to_ready();
  w.command("plan", {{"plan", plan_with("198.51.100.9", "198.51.100.10")}});
  bool fired = false;
  w.relay.connecting = [&](std::string) -> Done {
    if (fired) co_return;
    fired = true;
    co_await carry_out(w, first_plan());
  };
  w.run(w.switchover->refresh_relay());
  ASSERT_TRUE(fired);
  EXPECT_EQ(w.relay.hop_writes, 0);
  EXPECT_EQ(w.relay.at("node-1").domain.forward, "smtp:[198.51.100.9]:25");
}

TEST(Overtaken, ALookFromBeforeASwitchIsNoDrift) {
  World w;
  w.to_ready();
  bool fired = false;
  w.relay.travelling = [&](std::string node, std::string what) -> Done {
    if (fired || node != "node-2" || what != "domain") co_return;
    fired = true;  // node-1 was seen on forward; now the whole switch happens
    co_await carry_out(w, switching(w.digest()));
    for (int i = 0; i < 4; ++i) {
      w.clock.advance(seconds(1));
      co_await w.switchover->tick();
    }
  };
  w.run(w.switchover->refresh_relay());
  ASSERT_TRUE(fired);
  EXPECT_EQ(w.state(), State::hosted) << w.switchover->machine().blocked_why;
}

TEST(Overtaken, AnOlderLookIsNotWrittenOverANewerOne) {
  World w;
  w.to_ready();
  bool fired = false;
  w.relay.travelling = [&](std::string node, std::string what) -> Done {
    if (fired || node != "node-2" || what != "domain") co_return;
    fired = true;
    RelayDomain& there = w.relay.at("node-1").domain;
    there.in_force.generation = ++there.generation;
    co_await w.switchover->refresh_relay();
  };
  w.run(w.switchover->refresh_relay());
  ASSERT_TRUE(fired);
  EXPECT_NE(w.state(), State::blocked) << w.switchover->machine().blocked_why;
}

TEST(Overtaken, ArrivalsThatAreSeenWhileTheFlowIsReadStay) {
  World w;
  w.command("plan", {{"plan", kPlan}});
  w.run(w.switchover->refresh_outside());
  bool fired = false;
  w.relay.travelling = [&](std::string, std::string what) -> Done {
    if (fired || what != "flow") co_return;
    fired = true;
    co_await w.switchover->refresh_flow_probes();
  };
  w.run(w.switchover->refresh_relay());
  w.tick();
  ASSERT_TRUE(fired);
  EXPECT_EQ(gate_of(w, "flow").verdict, GateVerdict::pass) << gate_of(w, "flow").why;
}

TEST(Overtaken, AContactIsWeighedAnewAgainstTheExchangesOfAnotherPlan) {
  World w;
  w.to_ready();
  ASSERT_EQ(gate_of(w, "contact").verdict, GateVerdict::pass);
  w.outside.contact_host = "mx9.filter.example";
  w.outside.hosts["mx9.filter.example"] = {"203.0.113.9"};
  w.command("plan", {{"plan", plan_with("mx2.filter.example", "mx9.filter.example")}});
  w.run(w.switchover->refresh_outside());
  w.run(w.switchover->refresh_contacts());
  w.tick();
  EXPECT_EQ(gate_of(w, "contact").verdict, GateVerdict::fail) << gate_of(w, "contact").why;
}

TEST(Overtaken, ProbesFromBeforeARollbackVerifyNoLaterSwitch) {
  World w;
  w.to_ready();
  w.outside.mailbox = false;
  w.order_switch();
  w.ticks(1);
  ASSERT_EQ(w.state(), State::verifying);
  w.command("rollback", {{"reason", "trouble"}});
  w.ticks(3);
  const std::size_t sent = w.outside.sent.size();
  w.outside.mailbox = true;  // the old probes arrive at last
  w.command("unfreeze", {{"reason", "found it"}});
  w.gather();
  w.ticks(3);
  w.order_switch();
  w.ticks(4);
  ASSERT_EQ(w.state(), State::hosted);
  EXPECT_GE(w.outside.sent.size(), sent + 2) << "a probe for each node";
}

TEST(Overtaken, TwoLoadsOfARosterLeaveTheNodesEqual) {
  World w;
  w.to_ready();
  const auto load = [&](const std::string& name) {
    RosterWrite write;
    const char* hash = "{ARGON2ID}$argon2id$v=19$m=1,t=1,p=1$YWJj$YWJj";
    write.accounts.push_back({name, hash, false, false, {}});
    return carry_out(w, to("roster", {{"roster", to_json(write)}}));
  };
  int reads = 0;
  w.relay.travelling = [&](std::string node, std::string what) -> Done {
    if (what != "roster" || node != "node-2" || ++reads != 2) co_return;
    asio::co_spawn(w.io, load("bob"), asio::detached);
    co_await settle_down();
  };
  w.run(load("ann"));
  EXPECT_GE(reads, 2);
  EXPECT_EQ(w.relay.log, (std::vector<std::string>{"roster done", "roster done"}));
  EXPECT_EQ(w.relay.at("node-1").roster.accounts.size(), 4u);
  EXPECT_EQ(w.relay.at("node-2").roster.accounts.size(), 4u);
}

TEST(Overtaken, AWaiverThatIsGivenAsThePlanChangesEndsWithTheOldOne) {
  World w;
  w.to_ready();
  SlowDisk disk(w);
  const nlohmann::json waiver = {{"resolver", "192.0.2.9"}, {"reason", "known"}};
  asio::co_spawn(w.io, carry_out(w, to("waive", waiver)), asio::detached);
  const std::string other = plan_with("10 mx1.filter.example", "30 mx1.filter.example");
  asio::co_spawn(w.io, carry_out(w, to("plan", {{"plan", other}})), asio::detached);
  const auto wait = [](World* world, SlowDisk* slow) -> Done {
    co_await settle_down();
    slow->let_go_later(*world);
  };
  w.run(wait(&w, &disk));
  ASSERT_EQ(w.relay.log, (std::vector<std::string>{"waive done", "plan done"}));
  EXPECT_TRUE(w.shot()->waivers.empty());
  w.restart();
  EXPECT_TRUE(w.shot()->waivers.empty());
}

TEST(Overtaken, AWaiverThatCouldNotBeKeptIsNotInForce) {
  World w;
  w.to_ready();
  const auto other_process = [](monitor::Transaction& tx) {
    tx.execute("UPDATE switchover SET revision = revision + 1", {});
  };
  ASSERT_TRUE(w.database->transact_blocking(other_process));
  const nlohmann::json waiver = {{"resolver", "192.0.2.9"}, {"reason", "known"}};
  EXPECT_NE(w.command("waive", waiver).status, "done");
  EXPECT_TRUE(w.reports.waived.empty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
