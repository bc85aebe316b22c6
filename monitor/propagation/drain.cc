#include "monitor/propagation/drain.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/obligations.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using Kind = Obligation::Kind;
// Judges one owner's drain from what is owed.
class Judgement {
 public:
  Judgement(const DrainFacts& facts, Time now) : facts_(facts), now_(now) {
    margin_ = facts.input.policy.authority_spread + facts.input.policy.clock_error;
  }

  DrainBound run() {
    Owed owed = collect_obligations(facts_, now_);
    bound_.obligations = std::move(owed.obligations);
    bound_.copies_until = owed.copies_until;
    bound_.copies_seen = owed.copies_seen;
    bound_.assumed = owed.assumed;
    find_start();
    compose();
    explain();
    return std::move(bound_);
  }

 private:
  // L: the latest start of an unbroken run of new; none while anyone is old or unknown.
  void find_start() {
    bool complete = false;
    std::optional<Time> start;
    for (const AuthorityState& state : facts_.authorities.all()) {
      if (!is_judged(state, facts_.input, now_)) continue;
      complete = true;
      if (!state.new_since || state.unknown_since) {
        missing_.push_back(&state);
        continue;
      }
      start = std::max(start.value_or(*state.new_since), *state.new_since);
    }
    if (!complete || !missing_.empty()) return;
    if (facts_.companions)
      if (const auto changed = companions_changed_at(*facts_.companions, now_))
        start = std::max(*start, *changed);
    bound_.drain_started_at = start;
  }

  void compose() {
    std::optional<Time> last;
    bool open = false;
    seconds longest{0};
    for (const Obligation& obligation : bound_.obligations) {
      if (!obligation.until) {
        longest = std::max(longest, obligation.ttl);
        open = true;
        continue;
      }
      last = std::max(last.value_or(*obligation.until), *obligation.until);
      if (!is_of_mx(obligation)) continue;
      bound_.ended_at =
          std::max(bound_.ended_at.value_or(*obligation.ended_at), *obligation.ended_at);
    }
    const Policy& policy = facts_.input.policy;
    if (open || !bound_.drain_started_at) {
      const Time floor_end = now_ + policy.floor;
      bound_.earliest = std::max(
          {floor_end, now_ + margin_ + longest + policy.delta, last.value_or(now_) + policy.delta});
      return;
    }
    bound_.b_strict = last.value_or(*bound_.drain_started_at) + policy.delta;
    bound_.strict_until = std::max(*bound_.b_strict, *bound_.drain_started_at + policy.floor);
    find_blackout();
    if (bound_.blackout)
      bound_.strict_until = std::max(*bound_.strict_until, bound_.blackout->to + policy.recovery);
    bound_.opens_at =
        *bound_.strict_until + (bound_.blackout ? policy.stale_allowance : Duration(0));
    bound_.stale_until = *bound_.b_strict + kUnreachableStaleAllowance;
  }

  // What was over before the change owes nothing.
  void find_blackout() {
    std::optional<Time> first;
    for (const Obligation& o : bound_.obligations)
      if (o.ended_at && o.kind != Kind::declared && o.kind != Kind::assumed)
        first = std::min(first.value_or(*o.ended_at), *o.ended_at);
    for (const Blackout& one : facts_.blackouts) {
      if (one.to < first.value_or(*bound_.drain_started_at) || !is_rested_on(one)) continue;
      if (!bound_.blackout || one.to > bound_.blackout->to) bound_.blackout = one;
    }
  }

  bool is_rested_on(const Blackout& blackout) const {
    return blackout.zone.empty() || std::any_of(bound_.obligations.begin(),
                                                bound_.obligations.end(), [&](const Obligation& o) {
                                                  return o.what.starts_with(blackout.zone + " ");
                                                });
  }

  void explain() {
    Condition& b = bound_.condition;
    if (!bound_.strict_until) {
      b.holds = facts_.authorities.any_answered() ? Holds::no : Holds::unknown;
      b.reasons.push_back({"drain-not-started", not_started_text(), bound_.earliest});
      return;
    }
    if (now_ < *bound_.strict_until) b.reasons.push_back(waiting());
    if (now_ >= *bound_.strict_until && now_ < *bound_.opens_at)
      b.reasons.push_back(
          {"stale-allowance",
           fmt::format("{}, and the plan allows caches to serve stale until {} (stale_allowance)",
                       blackout_text(), format_moment(*bound_.opens_at, now_)),
           bound_.opens_at});
    b.holds = b.reasons.empty() ? Holds::yes : Holds::no;
  }

  std::string not_started_text() const {
    std::string who;
    for (const AuthorityState* state : missing_) who += (who.empty() ? "" : ", ") + state->label();
    for (const Obligation& obligation : bound_.obligations)
      if (!obligation.until && who.find(obligation.endpoint) == std::string::npos)
        who += (who.empty() ? "" : ", ") + obligation.endpoint;
    if (who.empty()) return "the drain has not begun: no authoritative server was judged yet";
    const bool companions_only =
        missing_.empty() &&
        std::all_of(bound_.obligations.begin(), bound_.obligations.end(),
                    [](const Obligation& o) { return o.until || !o.what.empty(); });
    return fmt::format("the drain has not begun: {} must {} first", who,
                       companions_only ? "agree with the others" : "serve the new set");
  }

  Reason waiting() const {
    const auto last = std::max_element(
        bound_.obligations.begin(), bound_.obligations.end(),
        [](const Obligation& a, const Obligation& b) { return a.until < b.until; });
    if (bound_.blackout &&
        *bound_.strict_until == bound_.blackout->to + facts_.input.policy.recovery)
      return {"recovery",
              fmt::format("{}: caches that served stale meanwhile are taken to look again by {}",
                          blackout_text(), format_moment(*bound_.strict_until, now_)),
              bound_.strict_until};
    if (last == bound_.obligations.end() || *bound_.strict_until > *bound_.b_strict)
      return {"floor",
              fmt::format("some resolvers keep records at least {}: until {}",
                          format_duration(facts_.input.policy.floor),
                          format_moment(*bound_.strict_until, now_)),
              bound_.strict_until};
    return {"caches",
            fmt::format("the old {} may stay in caches until {}: {}",
                        last->what.empty() ? "set" : "records",
                        format_moment(*bound_.strict_until, now_), last->evidence),
            bound_.strict_until};
  }

  std::string blackout_text() const {
    const Blackout& one = *bound_.blackout;
    return fmt::format("{} from {} to {}", one.evidence, format_moment(one.from, now_),
                       one.to == now_ ? "now" : format_moment(one.to, now_));
  }
  const DrainFacts& facts_;
  Time now_;
  Duration margin_{0};
  DrainBound bound_;
  std::vector<const AuthorityState*> missing_;
};

}  // namespace

DrainBound judge_drain(const DrainFacts& facts, Time now) { return Judgement(facts, now).run(); }

}  // namespace mxswitch::monitor
