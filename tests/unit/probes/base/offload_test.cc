#include "probes/base/offload.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <latch>
#include <thread>

namespace mxswitch {
namespace {

using Results = std::vector<Result<void>>;

void spawn(asio::io_context& loop, Offload& offload, std::function<void()> work, Results& results) {
  asio::co_spawn(
      loop,
      [](Offload& pool, std::function<void()> job, Results& all) -> asio::awaitable<void> {
        all.push_back(co_await pool.run(std::move(job)));
      }(offload, std::move(work), results),
      asio::detached);
}

TEST(Offload, WorksElsewhereAndResumesOnTheLoop) {
  asio::io_context loop;
  Offload offload;
  std::thread::id worker;
  Results results;
  spawn(
      loop, offload, [&] { worker = std::this_thread::get_id(); }, results);
  loop.run();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0]);
  EXPECT_NE(worker, std::this_thread::get_id());
  EXPECT_NE(worker, std::thread::id());
}

TEST(Offload, SaysWhatWasThrown) {
  asio::io_context loop;
  Offload offload;
  Results results;
  spawn(
      loop, offload, [] { throw std::runtime_error("disk full"); }, results);
  loop.run();
  EXPECT_EQ(results.at(0).error().fault, Fault::internal);
  EXPECT_EQ(results.at(0).error().what, "blocking work failed: disk full");
}

TEST(Offload, RefusesWhatDoesNotFitTheQueue) {
  asio::io_context loop;
  Offload offload(1, 2);
  std::latch gate(1);
  Results results;
  for (int i = 0; i < 3; ++i)
    spawn(
        loop, offload, [&] { gate.wait(); }, results);
  while (results.empty()) loop.run_one();
  EXPECT_EQ(results.at(0).error().fault, Fault::unavailable);
  gate.count_down();
  loop.run();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_TRUE(results[1]);
  EXPECT_TRUE(results[2]);
}

TEST(Offload, DropsWhatIsQueuedWhenItEnds) {
  asio::io_context loop;
  auto offload = std::make_unique<Offload>(1, 10);
  std::latch running(1), gate(1);
  Results results;
  bool second_ran = false;
  spawn(
      loop, *offload,
      [&] {
        running.count_down();
        gate.wait();
      },
      results);
  spawn(
      loop, *offload, [&] { second_ran = true; }, results);
  loop.poll();
  running.wait();
  std::thread ender([&] { offload.reset(); });
  gate.count_down();
  ender.join();
  loop.restart();
  loop.run();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NE(second_ran, !results[0] || !results[1]);  // run, or told that it was dropped
}

}  // namespace
}  // namespace mxswitch
