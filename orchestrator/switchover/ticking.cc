// The timers that call the steps. Nothing is decided here.

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {

asio::awaitable<void> Switchover::pause(Duration length) {
  auto timer = std::make_shared<asio::steady_timer>(parts_.loop, length);
  std::erase_if(timers_, [](const auto& weak) { return weak.expired(); });
  timers_.push_back(timer);
  asio::error_code ignored;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Waits in its own frame: of a thousand plans that mostly wait, what waits is what they cost.
asio::awaitable<void> Switchover::repeat(Duration Intervals::*interval, Step step) {
  const auto keep = shared_from_this();
  const auto timer = std::make_shared<asio::steady_timer>(parts_.loop);
  timers_.push_back(timer);
  while (!stopped_) {
    const std::uint64_t woken = woken_;
    if (plan_) co_await (this->*step)();
    if (stopped_ || woken != woken_) continue;
    // Before the first plan there is nothing to gather; look again soon.
    timer->expires_after(plan_ ? pause_of(interval) : Duration(200));
    asio::error_code ignored;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// Plans at rest look at the relay in the same moment, and so share one look (look_at_relay). What
// each asks for itself is spread over the interval, whenever they were begun.
Duration Switchover::pause_of(Duration Intervals::*interval) const {
  const Duration length = intervals_.*interval;
  if (!at_rest() || length <= Duration(0)) return length;
  Duration phase{0};
  if (interval != &Intervals::relay) {
    const std::size_t turn = std::hash<std::string>{}(domain_) % 1000;
    phase = length * static_cast<Duration::rep>(turn) / 1000;
  }
  return length - (parts_.clock.now().time_since_epoch() + phase) % length;
}

void Switchover::every(Duration Intervals::*interval, Step step) {
  asio::co_spawn(parts_.loop, repeat(interval, step), asio::detached);
}

// The actor: judges, writes and verifies, and is woken as soon as a command came in. At rest it
// sleeps until something moves; what moves together is judged together, after the ordinary
// interval.
asio::awaitable<void> Switchover::act() {
  const auto keep = shared_from_this();
  const auto timer = std::make_shared<asio::steady_timer>(parts_.loop);
  act_timer_ = timer;
  asio::error_code ignored;
  while (!stopped_) {
    co_await tick();
    called_ = false;
    const Duration rest = may_rest();
    if (!stopped_ && rest > Duration(0)) {
      resting_ = true;
      timer->expires_after(rest);
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      resting_ = false;
    }
    if (stopped_) break;
    const bool busy = called_ || judge_now_ || verify_now_;
    timer->expires_after(busy ? Duration(0) : intervals_.judge);
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void Switchover::start() {
  if (started_) return;
  started_ = true;
  every(&Intervals::relay, &Switchover::look_at_relay);
  every(&Intervals::relay, &Switchover::read_probes);
  every(&Intervals::relay, &Switchover::look_at_contacts);
  every(&Intervals::dry_run, &Switchover::renew_dry_runs);
  every(&Intervals::old_server, &Switchover::refresh_old_server);
  every(&Intervals::outside, &Switchover::look_outside);
  every(&Intervals::flow_probe, &Switchover::refresh_flow_probes);
  asio::co_spawn(parts_.loop, act(), asio::detached);
}

void Switchover::stop() {
  stopped_ = true;
  for (const auto& weak : timers_) {
    if (const auto timer = weak.lock()) timer->cancel();
  }
  wake();
}

// A step that is under way goes once more: it began with what was true before.
void Switchover::gather_anew() {
  ++woken_;
  for (const auto& weak : timers_) {
    if (const auto timer = weak.lock()) timer->cancel();
  }
}

void Switchover::wake() {
  called_ = true;
  if (const auto timer = act_timer_.lock()) timer->cancel();
}

asio::awaitable<void> Switchover::tick() {
  if (!plan_ || judged_already()) co_return;
  if (sentinels_ != wants_sentinels()) co_await watch_owners();
  const bool fresh = std::exchange(judge_now_, false);
  co_await judge(fresh);
  const Event passed = TimePassed{};
  co_await observe(passed);
  while (!stopped_ && writing() && parts_.clock.now() >= write_due_) {
    if (!co_await drive_write()) break;
  }
  if (kept_.machine.state == State::verifying && parts_.clock.now() >= verify_due_) {
    verify_now_ = false;
    co_await verify();
  }
  co_await end_grace();
  publish();
}

}  // namespace mxswitch::orchestrator
