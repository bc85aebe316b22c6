// Where the loop leaves the newest snapshot of each domain and HTTP threads pick it up. The locks
// are held only to copy a pointer. (Not std::atomic<shared_ptr>: libstdc++ 12's fails TSan.)
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "orchestrator/switchover/snapshot.h"

namespace mxswitch::orchestrator {

class SnapshotBoard {
 public:
  void publish(SnapshotPtr snapshot);  // replaces the domain's; wakes waiters
  void remove(const std::string& domain);
  SnapshotPtr find(const std::string& domain) const;  // null if there is none
  std::vector<SnapshotPtr> all() const;               // in order of name
  // Rises with every publish; a stream waits here for news. Returns the newest number, the old
  // one after `timeout`, and at once after close().
  std::uint64_t wait_beyond(std::uint64_t seen, Duration timeout) const;
  void close();
  bool closed() const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::map<std::string, SnapshotPtr> snapshots;
  };
  Shard& shard_of(const std::string& domain) const;

  mutable std::array<Shard, kShards> shards_;
  mutable std::mutex news_mutex_;
  mutable std::condition_variable news_;
  std::uint64_t published_ = 0;
  bool closed_ = false;
};

}  // namespace mxswitch::orchestrator
