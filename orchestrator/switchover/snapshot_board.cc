#include "orchestrator/switchover/snapshot_board.h"

#include <algorithm>
#include <functional>

namespace mxswitch::orchestrator {

SnapshotBoard::Shard& SnapshotBoard::shard_of(const std::string& domain) const {
  return shards_[std::hash<std::string>{}(domain) % kShards];
}

void SnapshotBoard::publish(SnapshotPtr snapshot) {
  if (snapshot == nullptr) return;
  {
    Shard& shard = shard_of(snapshot->domain);
    const std::lock_guard lock(shard.mutex);
    // Swapped, so that the old snapshot is freed after the lock is gone.
    shard.snapshots[snapshot->domain].swap(snapshot);
  }
  {
    const std::lock_guard lock(news_mutex_);
    ++published_;
  }
  news_.notify_all();
}

void SnapshotBoard::remove(const std::string& domain) {
  {
    Shard& shard = shard_of(domain);
    const std::lock_guard lock(shard.mutex);
    if (shard.snapshots.erase(domain) == 0) return;
  }
  {
    const std::lock_guard lock(news_mutex_);
    ++published_;
  }
  news_.notify_all();
}

SnapshotPtr SnapshotBoard::find(const std::string& domain) const {
  Shard& shard = shard_of(domain);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.snapshots.find(domain);
  return found == shard.snapshots.end() ? nullptr : found->second;
}

std::vector<SnapshotPtr> SnapshotBoard::all() const {
  std::vector<SnapshotPtr> out;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [domain, snapshot] : shard.snapshots) out.push_back(snapshot);
  }
  std::ranges::sort(out, {}, [](const SnapshotPtr& s) -> const std::string& { return s->domain; });
  return out;
}

std::uint64_t SnapshotBoard::wait_beyond(std::uint64_t seen, Duration timeout) const {
  std::unique_lock lock(news_mutex_);
  news_.wait_for(lock, timeout, [&] { return closed_ || published_ > seen; });
  return published_;
}

void SnapshotBoard::close() {
  {
    const std::lock_guard lock(news_mutex_);
    closed_ = true;
  }
  news_.notify_all();
}

bool SnapshotBoard::closed() const {
  const std::lock_guard lock(news_mutex_);
  return closed_;
}

}  // namespace mxswitch::orchestrator
