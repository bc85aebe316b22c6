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
  // The same from a newer look: whoever reads next gets it, and nobody is woken for it.
  void refresh(SnapshotPtr snapshot);
  void remove(const std::string& domain);
  SnapshotPtr find(const std::string& domain) const;  // null if there is none
  // Somebody looks at the domain at `now`: what is shown of it is worth gathering.
  void note_reader(const std::string& domain, Time now);
  Time read_at(const std::string& domain) const;  // epoch: never
  std::vector<SnapshotPtr> all() const;           // in order of name
  // Rises with every publish; a stream waits here for news. Returns the newest number, the old
  // one after `timeout`, and at once after close().
  std::uint64_t wait_beyond(std::uint64_t seen, Duration timeout) const;
  // What was published and removed beyond `seen`, oldest first, each domain once as it is now.
  struct Changes {
    std::vector<SnapshotPtr> published;
    std::vector<std::string> removed;
    std::uint64_t newest = 0;
  };
  Changes changes_beyond(std::uint64_t seen) const;
  void close();
  bool closed() const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::map<std::string, SnapshotPtr> snapshots;
    std::map<std::string, Time> read_at;  // of domains that have a snapshot
  };
  Shard& shard_of(const std::string& domain) const;
  void announce(const std::string& domain);

  mutable std::array<Shard, kShards> shards_;
  mutable std::mutex news_mutex_;
  mutable std::condition_variable news_;
  std::uint64_t published_ = 0;
  std::map<std::string, std::uint64_t> news_of_;  // the newest of each domain
  std::map<std::uint64_t, std::string> news_at_;  // the same by number
  bool closed_ = false;
};

}  // namespace mxswitch::orchestrator
