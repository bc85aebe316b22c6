// The Prometheus view: names begin with mxswitch_, base units stand in the name, counters end in
// _total. Labels are bounded: domains and node ids are the operator's own, all others are words
// of this code; never a resolver, a recipient, a reason, or bytes that came from outside.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {

// What the process counted of itself since its start; no snapshot says it.
struct ProcessCounts {
  struct Kind {
    std::string_view name;
    std::uint64_t count = 0;
  };
  std::vector<Kind> probes;  // that left, by kind

  std::uint64_t delayed_probes = 0;  // waited for their turn under a courtesy limit
  double delay_seconds = 0;          // all their waiting together

  // How long the watch's steps took to become durable: cumulative counts up to each bound.
  std::vector<double> commit_bounds;  // seconds, rising
  std::vector<std::uint64_t> commits_within;
  std::uint64_t commits = 0, failed_commits = 0;
  double commit_seconds = 0;
};

// Text format 0.0.4 of all domains; `version` goes into mxswitch_build_info.
std::string render_metrics(const std::vector<orchestrator::SnapshotPtr>& snapshots, Time now,
                           const std::string& version, const ProcessCounts& counts);

}  // namespace mxswitch::dashboards
