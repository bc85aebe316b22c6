#include "monitor/watch/watch_counts.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

TEST(WatchCounter, CountsProbesAndTheirWaiting) {
  WatchCounter counter;
  counter.note_probe(WatchCounts::txt, Duration(0));
  counter.note_probe(WatchCounts::txt, Duration(1500));
  counter.note_probe(WatchCounts::walk, Duration(-3));
  const WatchCounts counts = counter.read();
  EXPECT_EQ(counts.probes[WatchCounts::txt], 2u);
  EXPECT_EQ(counts.probes[WatchCounts::walk], 1u);
  EXPECT_EQ(counts.delayed_probes, 1u);
  EXPECT_EQ(counts.delay, Duration(1500));
}

TEST(WatchCounter, BucketsOfCommitsAreCumulative) {
  WatchCounter counter;
  counter.note_commit(Duration(4), true);
  counter.note_commit(Duration(700), true);
  counter.note_commit(seconds(60), false);
  const WatchCounts counts = counter.read();
  EXPECT_EQ(counts.commits_within.front(), 1u);
  EXPECT_EQ(counts.commits_within[5], 2u) << "within 1 s";
  EXPECT_EQ(counts.commits_within.back(), 2u);
  EXPECT_EQ(counts.commits, 3u);
  EXPECT_EQ(counts.failed_commits, 1u);
  EXPECT_EQ(counts.commit_time, Duration(60704));
}

}  // namespace
}  // namespace mxswitch::monitor
