// Condition D: does the evidence hang together?
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "monitor/propagation/dot.h"
#include "monitor/propagation/signs.h"
#include "monitor/propagation/state.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

const std::string kIntercepted = "(intercepted)";

void check_share_of_failures(const std::vector<ResolverStanding>& standings,
                             std::vector<Reason>& reasons) {
  int counted = 0, failed = 0;
  std::string who;
  for (const ResolverStanding& standing : standings) {
    if (!standing.counted) continue;
    ++counted;
    if (!standing.failed) continue;
    ++failed;
    who += (who.empty() ? "" : ", ") + resolver_label(*standing.resolver);
  }
  if (failed * 5 > counted)
    reasons.push_back({"resolvers-fail",
                       fmt::format("{} of {} counted resolvers fail most queries, at most 20 % "
                                   "may: {}",
                                   failed, counted, who),
                       {}});
}

void check_caches(const Reading& reading, const std::vector<ResolverStanding>& standings,
                  std::vector<Reason>& reasons) {
  int stale = 0;
  std::optional<Time> until;
  for (const ResolverStanding& standing : standings) {
    if (!is_relevant(standing, reading) || standing.waived) continue;
    stale += standing.stale_caches;
    if (standing.stale_expires_at)
      until = std::max(until.value_or(*standing.stale_expires_at), *standing.stale_expires_at);
  }
  if (stale > 0)
    reasons.push_back({"cache-unresolved",
                       fmt::format("{} cache{} last seen without the new set must expire and be "
                                   "seen new",
                                   stale, stale == 1 ? "" : "s"),
                       until});
}

void check_fetch_times(const Reading& reading, const std::vector<ResolverStanding>& standings,
                       std::vector<Reason>& reasons) {
  for (const ResolverStanding& standing : standings) {
    const auto until = standing.track->incoherent_until;
    if (!standing.counted || !until || *until <= reading.now) continue;
    reasons.push_back({"incoherent",
                       fmt::format("{} gave the new set with an age from before any authority "
                                   "served it",
                                   resolver_label(*standing.resolver)),
                       until});
  }
}

void check_interception(const Reading& reading, const std::vector<ResolverStanding>& standings,
                        std::vector<Reason>& reasons) {
  const Signs signs(standings);
  if (!signs.any()) return;
  const auto remaining = independent_operators(standings).size();
  if (static_cast<int>(remaining) < reading.state.input.policy.min_operators)
    reasons.push_back({"interception",
                       fmt::format("resolvers of several operators are one and the same from "
                                   "here: {} independent ones remain of {} wanted. {}",
                                   remaining, reading.state.input.policy.min_operators,
                                   fmt::join(signs.sentences(), ". ")),
                       {}});
}

// Only those that would carry the verdict are waited for.
void check_dot(const Reading& reading, const std::vector<ResolverStanding>& standings,
               std::vector<Reason>& reasons) {
  for (const ResolverStanding& standing : standings)
    if (standing.passed && !standing.failed && !standing.waived)
      if (auto doubt = dot_doubt(standing, reading)) reasons.push_back(std::move(*doubt));
}

}  // namespace

std::vector<std::string> independent_operators(const std::vector<ResolverStanding>& standings) {
  const Signs signs(standings);
  std::set<std::string> operators;
  for (const ResolverStanding& standing : standings) {
    if (!standing.passed || standing.failed || standing.waived) continue;
    const bool collapsed = signs.collapses(*standing.track);
    operators.insert(collapsed ? kIntercepted : opinion_of(*standing.resolver));
  }
  return {operators.begin(), operators.end()};
}

Condition judge_coherence(const Reading& reading, const std::vector<ResolverStanding>& standings) {
  Condition d;
  if (!reading.bound.opens_at || reading.now < *reading.bound.opens_at) {
    d.reasons.push_back({"not-judged", "the evidence is held together once sampling has begun",
                         reading.bound.opens_at ? reading.bound.opens_at : reading.bound.earliest});
    return d;
  }
  check_caches(reading, standings, d.reasons);
  check_fetch_times(reading, standings, d.reasons);
  check_interception(reading, standings, d.reasons);
  check_dot(reading, standings, d.reasons);
  check_share_of_failures(standings, d.reasons);
  d.holds = d.reasons.empty() ? Holds::yes : Holds::no;
  return d;
}

}  // namespace mxswitch::monitor
