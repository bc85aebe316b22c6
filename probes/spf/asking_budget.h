// What one evaluation or survey may cost, whatever it waits for: no record can keep us busy, or
// send us to a victim, for longer (PROPAGATION.md section 4). RFC 7208 section 4.6.4 wants at least
// 20 s.
#pragma once

#include <string>

#include "probes/base/clock.h"
#include "probes/dns/transport.h"

namespace mxswitch::probes::spf {

class AskingBudget {
 public:
  static constexpr int kQueries = 200;  // walks to the zones included
  static constexpr Duration kTime = seconds(20);

  // The time runs from now. `clock` must outlive it.
  explicit AskingBudget(const Clock& clock) : clock_(clock), began_(clock.now()) {}

  bool take_query();           // false: none may leave any more
  Duration time_left() const;  // zero once it is over
  bool used_up() const { return queries_ >= kQueries || time_left() <= Duration(0); }
  std::string why() const;  // of one that is used up: what was too much

 private:
  const Clock& clock_;
  Time began_;
  int queries_ = 0;
};

// Lets a budget's queries through, none of which lasts for longer than the budget. Both must
// outlive it.
class BudgetedTransport final : public Transport {
 public:
  BudgetedTransport(Transport& below, AskingBudget& budget) : below_(below), budget_(budget) {}
  asio::awaitable<Reply> ask(Query query) override;
  bool used_up() const { return budget_.used_up(); }

 private:
  Transport& below_;
  AskingBudget& budget_;
};

}  // namespace mxswitch::probes::spf
