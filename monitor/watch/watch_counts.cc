#include "monitor/watch/watch_counts.h"

#include <algorithm>

namespace mxswitch::monitor {

void WatchCounter::note_probe(WatchCounts::Kind kind, Duration waited) {
  ++probes_.at(kind);
  if (waited <= Duration(0)) return;
  ++delayed_;
  delay_ms_ += static_cast<std::uint64_t>(waited.count());
}

void WatchCounter::note_commit(Duration took, bool durable) {
  const Duration length = std::max(took, Duration(0));
  const double in_seconds = std::chrono::duration<double>(length).count();
  for (std::size_t i = 0; i < within_.size(); ++i)
    if (in_seconds <= WatchCounts::kCommitBounds[i]) ++within_[i];
  ++commits_;
  commit_ms_ += static_cast<std::uint64_t>(length.count());
  if (!durable) ++failed_;
}

WatchCounts WatchCounter::read() const {
  WatchCounts counts;
  std::copy(probes_.begin(), probes_.end(), counts.probes.begin());
  counts.delayed_probes = delayed_;
  counts.delay = Duration(static_cast<std::int64_t>(delay_ms_.load()));
  std::copy(within_.begin(), within_.end(), counts.commits_within.begin());
  counts.commits = commits_;
  counts.failed_commits = failed_;
  counts.commit_time = Duration(static_cast<std::int64_t>(commit_ms_.load()));
  return counts;
}

}  // namespace mxswitch::monitor
