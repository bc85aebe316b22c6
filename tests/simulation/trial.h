// Classes of worlds, each run many times on a few threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/tally.h"

namespace mxswitch::simulation {

struct TrialOptions {
  unsigned threads = 1;
  bool naive = true;    // judge by the naive rules too
  bool waives = false;  // somebody waives violators as soon as they are named
  std::function<std::string(std::uint64_t seed)> kind;  // of a world; ours are told apart by it
  std::function<void(int done, int all)> progress;      // called from one thread at a time
  std::string keep;  // folder for the worlds that went wrong; empty: none is kept
};

struct Trial {
  Tally ours;
  std::map<std::string, Tally> kinds;
  std::map<Rule, Tally> naive;
  std::vector<double> after_strict;  // seconds from strict_until to READY
  // Of ours to READY, against each resolver and endpoint once a minute: all packets but the K new
  // answers of each resolver that C asks for. What failed and what was repeated counts.
  std::vector<double> query_shares;
  int above_bound = 0;           // READY while the true stale share was above the published bound
  int with_bound = 0;            // READY with a bound
  int waived = 0;                // READY with a waiver
  std::vector<std::string> odd;  // titles of worlds that were premature or never READY
  void add(const Trial& other);
};

// Runs worlds first .. first+count-1 of `make`. Throws std::runtime_error on a world that can't
// be read: the generator is wrong.
Trial run_trial(const std::function<std::string(std::uint64_t)>& make, std::uint64_t first,
                int count, const TrialOptions& options);

}  // namespace mxswitch::simulation
