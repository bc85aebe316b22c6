// Where the verdict stands, without composing the report: most steps of a watch need no more. And
// the last look before READY, at everything that condition A speaks of: what was polled half a
// minute ago may have been rolled back since.
#include <algorithm>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {
namespace {

// Signs that are cheap to read; without one only the whole report tells.
bool surely_holds(const Reading& reading) {
  const std::vector<ResolverStanding> standings = reading.standings();
  const auto opens_at = ready_from(reading, standings);
  if (!opens_at || reading.now < *opens_at) return true;
  return std::any_of(standings.begin(), standings.end(), [](const ResolverStanding& standing) {
    return standing.counted && !standing.waived && !standing.failed && standing.falls_short;
  });
}

bool is_only_recheck(const std::vector<Reason>& reasons) {
  return reasons.size() == 1 && reasons.front().code == kRecheck;
}

}  // namespace

Phase phase_of(const Reading& reading) {
  if (!reading.bound.opens_at || reading.now < *reading.bound.opens_at) return Phase::draining;
  if (surely_holds(reading)) return Phase::sampling;
  const PropagationReport report = compose_report(reading);
  if (report.ready()) return Phase::ready;
  return is_only_recheck(report.reasons) ? Phase::confirming : Phase::sampling;
}

// Between two samples time alone lets the gate open: then it did at `ready_from`.
std::optional<Time> recheck_from(const Reading& reading,
                                 const std::vector<ResolverStanding>& standings) {
  if (reading.state.all_held_since) return reading.state.all_held_since;
  const auto opens_at = ready_from(reading, standings);
  if (!opens_at) return std::nullopt;
  return std::max(*opens_at, reading.state.followed_at.value_or(*opens_at));
}

bool was_rechecked(const Reading& reading, const std::vector<ResolverStanding>& standings) {
  const auto from = recheck_from(reading, standings);
  const auto& all = reading.state.authorities.all();
  if (!from || !companions_answered_since(reading.state.input, reading.state.companions, *from))
    return false;
  return std::all_of(all.begin(), all.end(), [&](const AuthorityState& authority) {
    return !is_judged(authority, reading.state.input, reading.now) ||
           (authority.last_answer_at && *authority.last_answer_at >= *from);
  });
}

std::vector<std::string> unanswered_since(const PropagationState& state, Time from, Time now) {
  std::vector<std::string> silent;
  for (const AuthorityState& authority : state.authorities.all()) {
    if (!is_judged(authority, state.input, now)) continue;
    const bool asked = authority.sent_at && *authority.sent_at >= from;
    const bool answered = asked && authority.last_answer_at >= authority.sent_at;
    if (!answered) silent.push_back(authority.label());
  }
  if (!companions_answered_since(state.input, state.companions, from))
    silent.push_back("a server of the records beside the MX");
  return silent;
}

void follow_shared(PropagationState& state, Time received_at) {
  follow_readiness(state, std::max(received_at, state.followed_at.value_or(received_at)));
}

void follow_readiness(PropagationState& state, Time now) {
  const bool was_ready = state.ready_since.has_value();
  if (!state.change_started_at && !was_ready) return;
  const Reading reading(state, now);
  const Phase phase = phase_of(reading);
  if (phase != Phase::confirming && phase != Phase::ready)
    state.all_held_since.reset();
  else if (!state.all_held_since)
    state.all_held_since = recheck_from(reading, reading.standings());
  if (phase != Phase::ready)
    state.ready_since.reset();
  else if (!state.ready_since)
    state.ready_since = now;
  state.followed_at = now;
  if (was_ready != state.ready_since.has_value()) ++state.revision;
}

}  // namespace mxswitch::monitor
