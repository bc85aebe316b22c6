// Commands from HTTP threads, the loop that carries them out, and the readers of the board.
#include "orchestrator/switchover/service.h"

#include <gtest/gtest.h>

#include "tests/threads/crowd.h"
#include "tests/threads/loop_thread.h"
#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

constexpr int kThreads = 6, kCommands = 25;

Command command(const std::string& verb, nlohmann::json arguments, const std::string& key) {
  Command made;
  made.domain = "shop.example";
  made.verb = verb;
  made.arguments = std::move(arguments);
  made.author = "jo";
  made.idempotency_key = key;
  return made;
}

// Freezes and thaws in turn and reads its own operations back.
void operate(SwitchoverService& service, int who, std::atomic<int>& done, std::atomic<int>& other) {
  for (int number = 0; number < kCommands; ++number) {
    const char* verb = number % 2 == 0 ? "freeze" : "unfreeze";
    const auto key = std::to_string(who) + "-" + std::to_string(number);
    const auto operation = service.submit(command(verb, {{"reason", "load"}}, key));
    if (!operation) {
      ++other;
      continue;
    }
    ++done;
    if (operation->status == "refused") continue;  // nothing was done, so nothing is kept
    const auto kept = service.operation(operation->id);
    EXPECT_TRUE(kept && kept->verb == verb) << operation->status;
  }
}

TEST(ServiceThreads, EveryCommandIsAnsweredOnceWhileOthersRead) {
  World world;
  SwitchoverService service(world.parts());
  std::atomic<bool> ended{false};
  std::atomic<int> done{0}, other{0};
  world.io.restart();
  threads::LoopThread running(world.io);
  ASSERT_TRUE(service.submit(command("plan", {{"plan", kPlan}}, "plan")));
  threads::Crowd readers(2, [&](int) {
    std::uint64_t last = 0;
    while (!ended) {
      const auto shot = world.shot();
      ASSERT_TRUE(shot && shot->sequence >= last);
      last = shot->sequence;
    }
  });
  threads::Crowd operators(kThreads, [&](int who) { operate(service, who, done, other); });
  operators.join();
  ended = true;
  EXPECT_EQ(done, kThreads * kCommands);
  EXPECT_EQ(other, 0);
  asio::post(world.io, [&] { service.stop(); });
  running.finish();
}

TEST(ServiceThreads, StoppingAnswersAllWhoWait) {
  World world;
  SwitchoverService service(world.parts());
  std::atomic<int> done{0}, other{0};
  world.io.restart();
  threads::LoopThread running(world.io);
  ASSERT_TRUE(service.submit(command("plan", {{"plan", kPlan}}, "plan")));
  threads::Crowd operators(kThreads, [&](int who) { operate(service, who, done, other); });
  while (done < kThreads) std::this_thread::yield();  // amid the load
  asio::post(world.io, [&] { service.stop(); });
  operators.join();
  EXPECT_EQ(done + other, kThreads * kCommands);
  EXPECT_EQ(service.submit(command("freeze", {{"reason", "x"}}, "late")).error().fault,
            Fault::unavailable);
  running.finish();
}

TEST(ServiceThreads, WhatWasCalledUnavailableIsNeverCarriedOut) {
  World world;
  SwitchoverService service(world.parts());
  std::promise<void> freed;
  auto busy = freed.get_future();
  asio::post(world.io, [&busy] { busy.wait(); });
  world.io.restart();
  threads::LoopThread running(world.io);
  const auto late = service.submit(command("plan", {{"plan", kPlan}}, "plan"));
  freed.set_value();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::unavailable);
  const auto next = service.submit(command("freeze", {{"reason", "x"}}, "next"));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().fault, Fault::not_found);  // the plan never came to be known
}

}  // namespace
}  // namespace mxswitch::orchestrator
