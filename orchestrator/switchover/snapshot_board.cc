#include "orchestrator/switchover/snapshot_board.h"

#include <algorithm>
#include <functional>

namespace mxswitch::orchestrator {

SnapshotBoard::Shard& SnapshotBoard::shard_of(const std::string& domain) const {
  return shards_[std::hash<std::string>{}(domain) % kShards];
}

void SnapshotBoard::refresh(SnapshotPtr snapshot) {
  if (snapshot == nullptr) return;
  Shard& shard = shard_of(snapshot->domain);
  const std::lock_guard lock(shard.mutex);
  // Swapped, so that the old snapshot is freed after the lock is gone.
  shard.snapshots[snapshot->domain].swap(snapshot);
}

void SnapshotBoard::publish(SnapshotPtr snapshot) {
  if (snapshot == nullptr) return;
  const std::string domain = snapshot->domain;
  refresh(std::move(snapshot));
  announce(domain);
}

void SnapshotBoard::remove(const std::string& domain) {
  {
    Shard& shard = shard_of(domain);
    const std::lock_guard lock(shard.mutex);
    if (shard.snapshots.erase(domain) == 0) return;
    shard.read_at.erase(domain);
  }
  announce(domain);
}

void SnapshotBoard::announce(const std::string& domain) {
  {
    const std::lock_guard lock(news_mutex_);
    std::uint64_t& newest = news_of_[domain];
    news_at_.erase(newest);
    newest = ++published_;
    news_at_[newest] = domain;
  }
  news_.notify_all();
}

SnapshotBoard::Changes SnapshotBoard::changes_beyond(std::uint64_t seen) const {
  Changes changes;
  std::vector<std::string> domains;
  {
    const std::lock_guard lock(news_mutex_);
    changes.newest = published_;
    for (auto news = news_at_.upper_bound(seen); news != news_at_.end(); ++news)
      domains.push_back(news->second);
  }
  for (std::string& domain : domains) {
    SnapshotPtr snapshot = find(domain);
    if (snapshot)
      changes.published.push_back(std::move(snapshot));
    else
      changes.removed.push_back(std::move(domain));
  }
  return changes;
}

SnapshotPtr SnapshotBoard::find(const std::string& domain) const {
  Shard& shard = shard_of(domain);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.snapshots.find(domain);
  return found == shard.snapshots.end() ? nullptr : found->second;
}

void SnapshotBoard::note_reader(const std::string& domain, Time now) {
  Shard& shard = shard_of(domain);
  const std::lock_guard lock(shard.mutex);
  if (shard.snapshots.contains(domain)) shard.read_at[domain] = now;
}

Time SnapshotBoard::read_at(const std::string& domain) const {
  Shard& shard = shard_of(domain);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.read_at.find(domain);
  return found == shard.read_at.end() ? Time{} : found->second;
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
