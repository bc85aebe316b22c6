// Stores that commit e4357c7 wrote, where READY was called `eligible`.
#include "tests/fakes/old_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/propagation/persist.h"
#include "monitor/watch/observations.h"
#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<monitor::Migration> all_migrations() {
  std::vector<monitor::Migration> all = monitor::observation_migrations();
  for (const auto& part : {monitor::alert_migrations(), journal_migrations()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::optional<JournalState> journal_of(monitor::Database& database) {
  const auto read = [](monitor::Transaction& tx) { return read_journal(tx, "shop.example"); };
  return database.transact_blocking(read).value();
}

TEST(AStoreOfAnEarlierCommit, IsReadyWhereItWasEligible) {
  const fakes::OldStore store("daemon_ready_e4357c7.sql");
  const auto database = store.open(all_migrations());
  const auto kept = journal_of(*database);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->machine.state, State::ready);
  EXPECT_EQ(kept->machine.generation, 1);
  EXPECT_EQ(kept->known_ops.size(), 3u);
  EXPECT_FALSE(kept->plan_text.empty());
  EXPECT_THAT(kept->history, Contains(Field(&HistoryEntry::what, "propagating -> ready")));
  EXPECT_THAT(fakes::texts_with(*database, "eligible"), IsEmpty());
}

TEST(AStoreOfAnEarlierCommit, IsHostedAsItWas) {
  const fakes::OldStore store("daemon_hosted_e4357c7.sql");
  const auto database = store.open(all_migrations());
  const auto kept = journal_of(*database);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->machine.state, State::hosted);
  EXPECT_THAT(kept->history, Contains(Field(&HistoryEntry::what, "ready -> armed")));
  EXPECT_THAT(fakes::texts_with(*database, "eligible"), IsEmpty());
}

// What a person wrote is theirs, whatever words it has.
TEST(AStoreOfAnEarlierCommit, KeepsWhatPeopleWrote) {
  const fakes::OldStore store("daemon_ready_e4357c7.sql");
  const auto write = [](monitor::Transaction& tx) {
    tx.execute(
        "INSERT INTO audit (domain, at_ms, who, what, why, evidence) VALUES "
        "('shop.example', 1, 'ann', 'eligible -> armed', 'all are eligible', '')");
  };
  ASSERT_TRUE(store.open({})->transact_blocking(write));
  const auto kept = journal_of(*store.open(all_migrations()));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->history.back().what, "ready -> armed");
  EXPECT_EQ(kept->history.back().why, "all are eligible");
}

TEST(AStoreOfAnEarlierCommit, GivesTheWatchItsEvidence) {
  const fakes::OldStore store("daemon_ready_e4357c7.sql");
  const auto database = store.open(all_migrations());
  const auto read = [](monitor::Transaction& tx) {
    return monitor::read_saved_state(tx, "shop.example");
  };
  const auto saved = database->transact_blocking(read).value();
  ASSERT_TRUE(saved);
  const auto plan = plan_view_reader({})(journal_of(*database)->plan_text, "plan", 1, {});
  ASSERT_TRUE(plan) << plan.error().text();
  monitor::PropagationState state;
  state.input = plan->owners.front();
  monitor::state_from_json(*saved, state);
  EXPECT_TRUE(state.change_started_at);
  EXPECT_TRUE(state.ready_since);
  EXPECT_EQ(state.authorities.all().size(), 2u);
}

TEST(AStoreOfAnEarlierCommit, StartsASwitchoverThatIsReady) {
  const fakes::OldStore store("daemon_ready_e4357c7.sql");
  World w;
  w.database = store.open(all_migrations());
  w.restart();
  EXPECT_EQ(w.state(), State::ready);
  const auto shot = w.shot();
  EXPECT_EQ(shot->waiting_for, "you: mxswitch switch shop.example");
  for (const HistoryEntry& entry : shot->history) EXPECT_THAT(entry.what, Not(HasSubstr("elig")));
  w.switchover.reset();
}

}  // namespace
}  // namespace mxswitch::orchestrator
