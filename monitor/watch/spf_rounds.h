// When the record that a server holds is evaluated again: at once when it is another one, then as
// answers that were used expire, never more often than every few minutes. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/propagation/spf_matrix.h"
#include "monitor/watch/txt_schedule.h"

namespace mxswitch::monitor {

// One evaluation to be made: a record, by the authorities' view or through a resolver. Authorities
// that hold the same record share one.
struct SpfRound {
  bool from_authority = false;
  Endpoint resolver;
  std::string record;
  auto operator<=>(const SpfRound&) const = default;
};

class SpfRounds {
 public:
  SpfRounds(const Policy& policy, SpfMove move) : policy_(policy), move_(std::move(move)) {}

  // The newest answer of each server about the owner's TXT.
  void follow(const std::vector<TxtSample>& samples, TxtPhase phase, Time now);
  std::vector<SpfRound> take_due(Time now);  // each is then under way until observe()
  // True: it comes out otherwise than before.
  bool observe(const SpfRound& round, SpfEvaluation evaluation);
  // What an earlier process made: evaluated again when it is due, not at once.
  void restore(std::vector<SpfEvaluation> evaluations);
  std::optional<Time> next() const;
  std::vector<SpfEvaluation> evaluations() const;
  const SpfMove& move() const { return move_; }
  void set_policy(const Policy& policy) { policy_ = policy; }

 private:
  struct Entry {
    Time due{}, seen_at{};
    bool under_way = false, current = true;
    std::optional<SpfEvaluation> last;
  };
  Duration pause_after(const SpfEvaluation& evaluation) const;
  void share_traces(const SpfRound& round, const SpfEvaluation& made);

  Policy policy_;
  SpfMove move_;
  TxtPhase phase_ = TxtPhase::before;
  std::map<SpfRound, Entry> entries_;
};

}  // namespace mxswitch::monitor
