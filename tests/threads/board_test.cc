// The board between its writer and any number of readers.
#include <gtest/gtest.h>

#include <atomic>

#include "orchestrator/switchover/snapshot_board.h"
#include "tests/threads/crowd.h"

namespace mxswitch::orchestrator {
namespace {

constexpr int kDomains = 40;
constexpr std::uint64_t kRounds = 300;
constexpr Duration kLong = std::chrono::minutes(5);

std::string domain_of(int number) { return "d" + std::to_string(number) + ".example"; }

void publish_all(SnapshotBoard& board) {
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    for (int number = 0; number < kDomains; ++number) {
      auto snapshot = std::make_shared<Snapshot>();
      snapshot->domain = domain_of(number);
      snapshot->sequence = round;
      board.publish(std::move(snapshot));
    }
  }
}

// What a reader sees of one domain never goes back.
void read(const SnapshotBoard& board, int number, const std::atomic<bool>& ended) {
  std::uint64_t last = 0;
  while (!ended) {
    const auto found = board.find(domain_of(number % kDomains));
    if (found == nullptr) continue;
    ASSERT_GE(found->sequence, last);
    last = found->sequence;
    ASSERT_LE(board.all().size(), static_cast<std::size_t>(kDomains));
  }
}

void follow(const SnapshotBoard& board) {
  std::uint64_t seen = 0;
  while (!board.closed()) {
    const auto now = board.wait_beyond(seen, kLong);
    ASSERT_GE(now, seen);
    seen = now;
  }
}

TEST(BoardThreads, ReadersSeeWholeSnapshotsInOrder) {
  SnapshotBoard board;
  std::atomic<bool> ended{false};
  threads::Crowd readers(4, [&](int number) { read(board, number, ended); });
  threads::Crowd followers(3, [&](int) { follow(board); });
  publish_all(board);
  board.close();
  followers.join();
  ended = true;
  readers.join();
  EXPECT_EQ(board.all().size(), static_cast<std::size_t>(kDomains));
  EXPECT_EQ(board.find(domain_of(0))->sequence, kRounds);
}

}  // namespace
}  // namespace mxswitch::orchestrator
