// Steps from many threads and from the loop meet on the database's one thread.
#include "monitor/database/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <filesystem>

#include "tests/threads/crowd.h"
#include "tests/threads/loop_thread.h"

namespace mxswitch::monitor {
namespace {

constexpr int kThreads = 6, kSteps = 40, kCoroutines = 60;

const std::vector<Migration> kNotes = {
    {"notes", 1, "CREATE TABLE notes (who INTEGER, step INTEGER, PRIMARY KEY (who, step));\n"}};

auto insert(std::int64_t who, std::int64_t step) {
  return [who, step](Transaction& t) {
    t.execute("INSERT INTO notes VALUES (?, ?)", {who, step});
    // Each fifth is refused after its row was written: nothing of it may stay.
    if (step % 5 == 4) throw StepRefused({Fault::stale, "the fifth", {}, {}});
    return step;
  };
}

bool expected(const Result<std::int64_t>& done, std::int64_t step) {
  return step % 5 == 4 ? !done && done.error().fault == Fault::stale : done && *done == step;
}

asio::awaitable<void> write_one(Database& database, std::int64_t step, int& good) {
  const auto done = co_await database.transact(insert(1000, step));
  if (expected(done, step)) ++good;  // on the loop's thread, as every coroutine here
}

std::int64_t count_notes(Database& database) {
  return *database.transact_blocking(
      [](Transaction& t) { return t.query("SELECT count(*) FROM notes")[0].integer(0); });
}

class DatabaseThreads : public testing::Test {
 protected:
  DatabaseThreads()
      : folder_(std::filesystem::temp_directory_path() /
                ("mxswitch-threads-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    database_ = std::move(*open_database("sqlite:" + (folder_ / "store.db").string(), kNotes));
  }
  ~DatabaseThreads() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseThreads, EachStepIsDoneOnceOrNotAtAll) {
  asio::io_context loop;
  int good = 0;
  for (int step = 0; step < kCoroutines; ++step) {
    asio::co_spawn(loop, write_one(*database_, step, good), asio::detached);
  }
  threads::LoopThread running(loop);
  threads::Crowd crowd(kThreads, [&](int who) {
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_TRUE(expected(database_->transact_blocking(insert(who, step)), step));
    }
  });
  crowd.join();
  running.finish();
  EXPECT_EQ(good, kCoroutines);
  EXPECT_EQ(count_notes(*database_), (kThreads * kSteps + kCoroutines) / 5 * 4);
}

TEST_F(DatabaseThreads, ClosingFinishesWhatWasAccepted) {
  asio::io_context loop;
  int good = 0;
  for (int step = 0; step < kCoroutines; ++step) {
    asio::co_spawn(loop, write_one(*database_, step, good), asio::detached);
  }
  // On the loop, behind the last submission: the steps are still in the queue.
  asio::post(loop, [this] { database_.reset(); });
  threads::LoopThread running(loop);
  running.finish();
  EXPECT_EQ(good, kCoroutines);
}

}  // namespace
}  // namespace mxswitch::monitor
