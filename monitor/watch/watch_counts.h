// What the watch counts of itself since its start. Written on the loop, read from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "probes/base/clock.h"

namespace mxswitch::monitor {

struct WatchCounts {
  // In seconds, rising; the last bucket has no bound.
  static constexpr std::array<double, 8> kCommitBounds = {0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 10};
  enum Kind : std::size_t { authority, resolver, seed, control, txt, spf, walk };
  static constexpr std::array kKinds = {"authority", "resolver", "seed", "control",
                                        "txt",       "spf",      "walk"};

  std::array<std::uint64_t, kKinds.size()> probes{};
  std::uint64_t delayed_probes = 0;
  Duration delay{0};
  std::array<std::uint64_t, kCommitBounds.size()> commits_within{};  // cumulative
  std::uint64_t commits = 0, failed_commits = 0;
  Duration commit_time{0};
};

class WatchCounter {
 public:
  // A probe left, after it had waited this long for its turn.
  void note_probe(WatchCounts::Kind kind, Duration waited);
  void note_commit(Duration took, bool durable);
  WatchCounts read() const;  // any thread

 private:
  using Count = std::atomic<std::uint64_t>;
  std::array<Count, WatchCounts::kKinds.size()> probes_{};
  Count delayed_{0}, delay_ms_{0};
  std::array<Count, WatchCounts::kCommitBounds.size()> within_{};
  Count commits_{0}, failed_{0}, commit_ms_{0};
};

}  // namespace mxswitch::monitor
