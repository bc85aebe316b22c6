#include "orchestrator/switchover/snapshot_board.h"

#include <gtest/gtest.h>

#include <thread>

namespace mxswitch::orchestrator {
namespace {

SnapshotPtr snapshot_of(const std::string& domain, std::uint64_t sequence) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->domain = domain;
  snapshot->sequence = sequence;
  return snapshot;
}

constexpr Duration kLong = std::chrono::minutes(5);

TEST(SnapshotBoard, KeepsTheNewestOfEachDomainInOrderOfName) {
  SnapshotBoard board;
  for (const char* domain : {"c.example", "a.example", "b.example"}) {
    board.publish(snapshot_of(domain, 1));
  }
  board.publish(snapshot_of("b.example", 2));
  const auto all = board.all();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]->domain, "a.example");
  EXPECT_EQ(all[1]->domain, "b.example");
  EXPECT_EQ(all[1]->sequence, 2u);
  EXPECT_EQ(all[2]->domain, "c.example");
}

TEST(SnapshotBoard, AnswersNullForWhatIsNotThere) {
  SnapshotBoard board;
  board.publish(nullptr);
  EXPECT_EQ(board.find("a.example"), nullptr);
  board.publish(snapshot_of("a.example", 1));
  EXPECT_NE(board.find("a.example"), nullptr);
  board.remove("a.example");
  EXPECT_EQ(board.find("a.example"), nullptr);
  EXPECT_TRUE(board.all().empty());
}

TEST(SnapshotBoard, AReaderKeepsItsSnapshotWhenANewerOneComes) {
  SnapshotBoard board;
  board.publish(snapshot_of("a.example", 1));
  const SnapshotPtr held = board.find("a.example");
  board.publish(snapshot_of("a.example", 2));
  EXPECT_EQ(held->sequence, 1u);
}

TEST(SnapshotBoard, TheNumberRisesWithEveryPublishAndRemoval) {
  SnapshotBoard board;
  EXPECT_EQ(board.wait_beyond(0, Duration(0)), 0u);
  board.publish(snapshot_of("a.example", 1));
  EXPECT_EQ(board.wait_beyond(0, kLong), 1u);
  EXPECT_EQ(board.wait_beyond(1, Duration(0)), 1u);
  board.remove("nobody.example");
  EXPECT_EQ(board.wait_beyond(1, Duration(0)), 1u);
  board.remove("a.example");
  EXPECT_EQ(board.wait_beyond(1, kLong), 2u);
}

TEST(SnapshotBoard, APublishWakesAWaiter) {
  SnapshotBoard board;
  std::uint64_t seen = 0;
  std::thread waiter([&] { seen = board.wait_beyond(0, kLong); });
  board.publish(snapshot_of("a.example", 1));
  waiter.join();
  EXPECT_EQ(seen, 1u);
}

TEST(SnapshotBoard, CloseWakesWaitersAndLaterOnesDoNotWait) {
  SnapshotBoard board;
  EXPECT_FALSE(board.closed());
  std::thread waiter([&] { board.wait_beyond(0, kLong); });
  board.close();
  waiter.join();
  EXPECT_TRUE(board.closed());
  EXPECT_EQ(board.wait_beyond(0, kLong), 0u);
}

TEST(SnapshotBoard, ARefreshIsFoundAndWakesNobody) {
  SnapshotBoard board;
  board.publish(snapshot_of("a.example", 1));
  board.refresh(snapshot_of("a.example", 2));
  EXPECT_EQ(board.wait_beyond(1, Duration(0)), 1u);
  EXPECT_EQ(board.find("a.example")->sequence, 2u);
  EXPECT_TRUE(board.changes_beyond(1).published.empty());
}

TEST(SnapshotBoard, TellsEachDomainThatChangedOnce) {
  SnapshotBoard board;
  for (const char* domain : {"a.example", "b.example", "c.example", "a.example"})
    board.publish(snapshot_of(domain, 1));
  board.remove("c.example");
  const auto all = board.changes_beyond(0);
  ASSERT_EQ(all.published.size(), 2u);
  EXPECT_EQ(all.published[0]->domain, "b.example");
  EXPECT_EQ(all.published[1]->domain, "a.example");
  EXPECT_EQ(all.removed, std::vector<std::string>{"c.example"});
  EXPECT_EQ(all.newest, 5u);
  const auto later = board.changes_beyond(3);
  ASSERT_EQ(later.published.size(), 1u);
  EXPECT_EQ(later.published[0]->domain, "a.example");
  EXPECT_TRUE(board.changes_beyond(5).published.empty());
}

TEST(SnapshotBoard, KnowsWhoseDomainIsLookedAt) {
  SnapshotBoard board;
  const Time now(std::chrono::hours(1));
  board.note_reader("a.example", now);
  EXPECT_EQ(board.read_at("a.example"), Time{}) << "nobody keeps what strangers ask for";
  board.publish(snapshot_of("a.example", 1));
  board.note_reader("a.example", now);
  EXPECT_EQ(board.read_at("a.example"), now);
}

}  // namespace
}  // namespace mxswitch::orchestrator
