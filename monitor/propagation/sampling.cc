// Condition C: were the resolvers sampled, and does none still hold an earlier set?
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "monitor/propagation/state.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

void list_stale(const Reading& reading, const std::vector<ResolverStanding>& standings,
                std::vector<Reason>& reasons) {
  if (!reading.state.change_started_at) return;  // holding the old set is what they should do
  for (const ResolverStanding& standing : standings)
    if (standing.stale_caches > 0 && !standing.waived && is_relevant(standing, reading))
      reasons.push_back(*reason_of(standing, reading.context, reading.now));
}

void list_unsampled(const Reading& reading, const std::vector<ResolverStanding>& standings,
                    std::vector<Reason>& reasons) {
  for (const ResolverStanding& standing : standings) {
    if (standing.waived || standing.filter || standing.stale_caches > 0) continue;
    if (!standing.track->control_at)
      reasons.push_back({"control-names",
                         fmt::format("{} was not asked about a control name yet",
                                     resolver_label(*standing.resolver)),
                         {}});
    else if (standing.counted && !standing.failed && standing.falls_short)
      reasons.push_back(*reason_of(standing, reading.context, reading.now));
  }
  if (std::none_of(standings.begin(), standings.end(), [](const auto& s) { return s.counted; }))
    reasons.push_back({"not-counted",
                       fmt::format("no resolver of {} answered a control name in the last {}",
                                   reading.state.input.resolvers.size(),
                                   format_duration(control_valid(reading.state.input.policy))),
                       {}});
}

int countries_of(const std::vector<ResolverStanding>& standings) {
  std::set<std::string> codes;
  for (const ResolverStanding& standing : standings)
    if (standing.passed && !standing.failed && !standing.waived && !standing.resolver->anycast &&
        !standing.resolver->country_code.empty())
      codes.insert(standing.resolver->country_code);
  return std::max<int>(1, static_cast<int>(codes.size()));  // the vantage itself is one
}

void check_spread(const Reading& reading, const std::vector<ResolverStanding>& standings,
                  std::vector<Reason>& reasons) {
  const Policy& policy = reading.state.input.policy;
  const auto operators = static_cast<int>(independent_operators(standings).size());
  if (operators < policy.min_operators)
    reasons.push_back({"operators",
                       fmt::format("resolvers of {} operators passed, {} are wanted", operators,
                                   policy.min_operators),
                       {}});
  const int countries = countries_of(standings);
  if (countries < policy.min_countries)
    reasons.push_back({"countries",
                       fmt::format("resolvers in {} countries passed, {} are wanted", countries,
                                   policy.min_countries),
                       {}});
}

}  // namespace

bool is_relevant(const ResolverStanding& standing, const Reading& reading) {
  const ResolverTrack& track = *standing.track;
  if (track.lies || standing.filter) return false;
  // What a cache was last seen to hold stays true of it until it is seen otherwise.
  if (standing.stale_caches > 0) return true;
  const Duration valid = control_valid(reading.state.input.policy);
  return standing.counted || (track.answered_at && reading.now - *track.answered_at <= valid);
}

std::optional<Time> ready_from(const Reading& reading,
                               const std::vector<ResolverStanding>& standings) {
  if (!reading.bound.opens_at) return std::nullopt;
  Time from = *reading.bound.opens_at;
  for (const ResolverStanding& standing : standings) {
    if (standing.waived || !is_relevant(standing, reading)) continue;
    if (standing.track->not_new_at) from = std::max(from, *standing.track->not_new_at);
  }
  return from + reading.state.input.policy.settle;
}

Condition judge_sampling(const Reading& reading, const std::vector<ResolverStanding>& standings) {
  Condition c;
  list_stale(reading, standings, c.reasons);
  const auto opens_at = reading.bound.opens_at;
  if (!opens_at || reading.now < *opens_at) {
    c.holds = c.reasons.empty() ? Holds::unknown : Holds::no;
    c.reasons.push_back({"not-sampled",
                         opens_at ? fmt::format("resolvers are sampled from {} on",
                                                format_moment(*opens_at, reading.now))
                                  : "resolvers are sampled once the drain is over",
                         opens_at ? opens_at : reading.bound.earliest});
    return c;
  }
  list_unsampled(reading, standings, c.reasons);
  check_spread(reading, standings, c.reasons);
  c.holds = c.reasons.empty() ? Holds::yes : Holds::no;
  return c;
}

}  // namespace mxswitch::monitor
