// Drops what is old and no longer evidence of a verdict that stands: what was seen before the
// newest place at which a replay can begin (another expected set), and owners that are no longer
// watched. In bounded steps, so that the database's thread is free for what matters.
#pragma once

#include <optional>
#include <string>

#include "monitor/database/database.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

struct RetentionOptions {
  Duration observations = std::chrono::hours(24 * 90);  // rows; 0: for ever
  Duration samples = std::chrono::hours(24 * 14);       // of the kept single samples of such rows
};

class Retention {
 public:
  static constexpr int kOwnersAStep = 50, kRowsAStep = 500;

  explicit Retention(RetentionOptions options) : options_(options) {}

  struct Step {
    std::string after;  // begin here next time; empty: all owners were looked at
    std::int64_t deleted = 0, thinned = 0;
  };
  // Looks at owners whose names follow `after`. Called on the database's thread.
  Step step(Transaction& transaction, const std::string& after, Time now) const;

 private:
  struct Scope {
    std::string owner;
    std::int64_t before = 0;  // seq
  };
  bool prune(Transaction& transaction, const Scope& scope, Time now, Step& step) const;
  std::int64_t thin(Transaction& transaction, const Scope& scope, Time cutoff, int most) const;

  RetentionOptions options_;
};

}  // namespace mxswitch::monitor
