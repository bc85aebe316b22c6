// Blocking work of several loops on one pool, and the pool's end under their feet.
#include "probes/base/offload.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "tests/threads/loop_thread.h"

namespace mxswitch {
namespace {

constexpr int kJobs = 400;

struct Tally {
  int done = 0, refused = 0, failed = 0;
};

asio::awaitable<void> run_one(Offload& offload, int number, std::atomic<int>& worked,
                              Tally& tally) {
  const std::function<void()> work = [number, &worked] {
    ++worked;
    if (number % 10 == 9) throw std::runtime_error("the tenth");
  };
  const auto done = co_await offload.run(work);
  if (done) {
    ++tally.done;
  } else if (done.error().fault == Fault::unavailable) {
    ++tally.refused;
  } else {
    ++tally.failed;
  }
}

TEST(OffloadThreads, EveryCallerHearsWhatBecameOfItsWork) {
  Offload offload(4, 32);
  std::atomic<int> worked{0};
  Tally tallies[2];
  {
    asio::io_context loops[2];
    for (int number = 0; number < kJobs; ++number) {
      const int side = number % 2;
      asio::co_spawn(loops[side], run_one(offload, number, worked, tallies[side]), asio::detached);
    }
    threads::LoopThread first(loops[0]), second(loops[1]);
    first.finish();
    second.finish();
  }
  int heard = 0, executed = 0;
  for (const Tally& each : tallies) {
    heard += each.done + each.refused + each.failed;
    executed += each.done + each.failed;
  }
  EXPECT_EQ(heard, kJobs);
  EXPECT_EQ(executed, worked);
  EXPECT_GT(executed, 0);
}

TEST(OffloadThreads, TheEndWakesThoseWhoseWorkWasDropped) {
  std::atomic<int> worked{0};
  Tally tally;
  asio::io_context loop;
  auto offload = std::make_unique<Offload>(2, kJobs);
  for (int number = 0; number < kJobs; ++number) {
    asio::co_spawn(loop, run_one(*offload, number, worked, tally), asio::detached);
  }
  asio::post(loop, [&offload] { offload.reset(); });  // behind the last caller
  threads::LoopThread running(loop);
  running.finish();
  EXPECT_EQ(tally.done + tally.refused + tally.failed, kJobs);
  EXPECT_EQ(tally.done + tally.failed, worked);
}

}  // namespace
}  // namespace mxswitch
