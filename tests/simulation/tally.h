// What many runs come to: for each rule, how often it was early, how late it was, what it asked.
#pragma once

#include <string>
#include <vector>

#include "monitor/simulation/run.h"
#include "tests/simulation/naive.h"

namespace mxswitch::simulation {

// One rule on one world.
struct Outcome {
  bool ready = false;
  bool premature = false;  // something in the world could still have answered another set
  bool waived_stale =
      false;  // only a cache behind a waiver, or fed by a server that is ignored, could
  bool listed_premature = false;  // a sampled resolver's cache could have
  // A cache that was sampled, and not waived, was last seen with another set: it was its address's
  // newest answer, or it came after `strict_until` and the cache still holds that set.
  bool shown_other = false;
  bool farm_missed = false;  // it came before, the farm's samples missed it, and it still holds it
  Duration delay{0};         // after the truth; of those that were not premature
  int queries = 0;
};

Outcome outcome_of(const monitor::simulation::RunResult& result);
Outcome outcome_of(const NaiveOutcome& result);

class Tally {
 public:
  void add(const Outcome& outcome);
  void add(const Tally& other);

  int runs = 0, ready = 0, premature = 0, listed_premature = 0, shown_other = 0, farm_missed = 0;
  int waived_stale = 0;
  double queries = 0;
  std::vector<double> delays;  // seconds

  // 0 .. 1; 0 without delays.
  double delay_at(double share) const;
};

double at_share(std::vector<double> values, double share);  // 0.5: the median; 0 without values

std::string table_head();
std::string table_row(const std::string& name, const Tally& tally);

// 95 % interval of a share (Clopper-Pearson), two-sided.
struct Interval {
  double low = 0, high = 1;
};
Interval share_between(int hits, int runs);

}  // namespace mxswitch::simulation
