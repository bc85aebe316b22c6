// What of a plan is asked and judged while nothing moves it. A thousand plans at rest are one
// operator's ordinary day.

#include <algorithm>

#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {
namespace {

// A page or a terminal that was fetched lately shows what is gathered for it alone.
constexpr Duration kReadLately = seconds(30);

}  // namespace

bool Switchover::at_rest() const {
  if (writing() || judge_now_ || verify_now_) return false;
  switch (kept_.machine.state) {
    case State::draft:
    case State::forwarding:
    case State::hosted:
    case State::final_:
    case State::held:
    case State::aborted:
      return true;
    default:
      return false;
  }
}

bool Switchover::is_read_by_people() const {
  return parts_.clock.now() - parts_.board.read_at(domain_) < kReadLately;
}

// The judgement would be given what it was given last.
bool Switchover::nothing_moved() const {
  if (!at_rest() || facts_moved_ || sentinels_ != wants_sentinels()) return false;
  // What lasts long enough is told, to the second.
  const bool ill = std::ranges::any_of(facts_.relay.nodes, [](const RelayNodeFacts& node) {
    return !node.reachable || !node.authenticated;
  });
  if (ill || stamps_.size() != plan_->owners.size()) return false;
  for (std::size_t i = 0; i < stamps_.size(); ++i) {
    if (!stamps_[i] || parts_.reports.stamp(plan_->owners[i].owner) != stamps_[i]) return false;
  }
  return true;
}

// That facts age is seen a little later.
bool Switchover::judged_already() const {
  return nothing_moved() && parts_.clock.now() - judged_at_ < intervals_.rest_judge;
}

void Switchover::fact_moved() {
  facts_moved_ = true;
  reports_moved();
}

void Switchover::reports_moved() {
  if (!resting_) return;
  if (const auto timer = act_timer_.lock()) timer->cancel();
}

// Unless something moves: until facts may have grown too old.
Duration Switchover::may_rest() const {
  if (!plan_ || !nothing_moved()) return Duration(0);
  return judged_at_ + intervals_.rest_judge - parts_.clock.now() - intervals_.judge;
}

asio::awaitable<void> Switchover::look_at_relay() {
  co_await gather_relay(at_rest() && !is_read_by_people() ? Depth::shared : Depth::whole);
}

asio::awaitable<void> Switchover::look_at_contacts() {
  const bool known = at_rest() && !is_read_by_people() &&
                     parts_.clock.now() - facts_.contact.observed_at < intervals_.rest_contacts;
  if (!known) co_await refresh_contacts();
}

asio::awaitable<void> Switchover::renew_dry_runs() {
  const bool known = at_rest() && !is_read_by_people() &&
                     parts_.clock.now() - facts_.relay.dry_run_at < intervals_.rest_dry_run;
  if (!known) co_await refresh_dry_runs();
}

}  // namespace mxswitch::orchestrator
