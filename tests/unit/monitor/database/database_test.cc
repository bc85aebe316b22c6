#include "monitor/database/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <filesystem>

namespace mxswitch::monitor {
namespace {

const std::vector<Migration> kNotes = {
    {"notes", 1, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\n"},
    {"notes", 2, "ALTER TABLE notes ADD COLUMN who TEXT;\nCREATE INDEX by_who ON notes (who);\n"},
};

std::int64_t count_notes(Database& database) {
  return *database.transact_blocking(
      [](Transaction& t) { return t.query("SELECT count(*) FROM notes")[0].integer(0); });
}

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("mxswitch-database-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string store() const { return "sqlite:" + (folder_ / "store.db").string(); }

  std::filesystem::path folder_;
};

TEST_F(DatabaseTest, CommittedStepsAreThereAfterReopening) {
  {
    auto database = open_database(store(), kNotes);
    ASSERT_TRUE(database) << database.error().text();
    ASSERT_TRUE((*database)->transact_blocking([](Transaction& t) {
      t.execute("INSERT INTO notes (body, who) VALUES (?, ?)", {std::string("hello"), nullptr});
    }));
  }
  auto database = open_database(store(), kNotes);
  ASSERT_TRUE(database) << database.error().text();
  const auto rows = *(*database)->transact_blocking(
      [](Transaction& t) { return t.query("SELECT body, who, id FROM notes"); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].text(0), "hello");
  EXPECT_TRUE(rows[0].is_null(1));
  EXPECT_EQ(rows[0].integer(2), 1);
}

TEST_F(DatabaseTest, ARefusedStepLeavesNothingAndSaysWhy) {
  auto database = open_database(store(), kNotes);
  ASSERT_TRUE(database);
  const auto outcome = (*database)->transact_blocking([](Transaction& t) {
    t.execute("INSERT INTO notes (body) VALUES ('half')");
    throw StepRefused({Fault::stale, "generation 3 is stale", "shop.example", "read it again"});
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::stale);
  EXPECT_EQ(outcome.error().text(), "shop.example: generation 3 is stale; read it again");
  EXPECT_EQ(count_notes(**database), 0);
}

TEST_F(DatabaseTest, BadSqlRollsBackAndNamesTheStore) {
  auto database = open_database(store(), kNotes);
  ASSERT_TRUE(database);
  const auto outcome = (*database)->transact_blocking([](Transaction& t) {
    t.execute("INSERT INTO notes (body) VALUES ('half')");
    t.execute("INSERT INTO nowhere VALUES (1)");
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().where, store());
  EXPECT_EQ(count_notes(**database), 0);
}

TEST_F(DatabaseTest, ACoroutineResumesOnItsLoopWithTheValue) {
  auto database = open_database("sqlite::memory:", kNotes);
  ASSERT_TRUE(database);
  asio::io_context loop;
  std::int64_t seen = 0;
  const auto loop_thread = std::this_thread::get_id();
  std::thread::id resumed_on;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        auto changed = co_await (*database)->transact([](Transaction& t) {
          return t.execute("INSERT INTO notes (body) VALUES ('a'), ('b')");
        });
        seen = changed ? *changed : -1;
        resumed_on = std::this_thread::get_id();
      },
      asio::detached);
  loop.run();
  EXPECT_EQ(seen, 2);
  EXPECT_TRUE(resumed_on == loop_thread);
}

TEST_F(DatabaseTest, OpeningSaysWhatIsWrong) {
  const auto unknown = open_database("mysql://x", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, Fault::usage);
  const auto no_folder = open_database("sqlite:/nonexistent/folder/x.db", {});
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().where, "sqlite:/nonexistent/folder/x.db");
}

TEST_F(DatabaseTest, AMigrationThatSkipsAVersionIsRefused) {
  const auto database = open_database("sqlite::memory:", {{"notes", 2, "SELECT 1;\n"}});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().what, "migration 2 of notes follows 0");
}

}  // namespace
}  // namespace mxswitch::monitor
