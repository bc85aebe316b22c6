// Where the verdict stands, without composing the report: most steps of a watch need no more.
#include <algorithm>

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {
namespace {

// Signs that are cheap to read; without one only the whole report tells.
bool surely_holds(const Reading& reading) {
  const std::vector<ResolverStanding> standings = reading.standings();
  const auto eligible = eligible_from(reading, standings);
  if (!eligible || reading.now < *eligible) return true;
  return std::any_of(standings.begin(), standings.end(), [](const ResolverStanding& standing) {
    return standing.counted && !standing.waived && !standing.failed && standing.falls_short;
  });
}

}  // namespace

Phase phase_of(const Reading& reading) {
  if (!reading.bound.opens_at || reading.now < *reading.bound.opens_at) return Phase::draining;
  if (surely_holds(reading)) return Phase::sampling;
  return compose_report(reading).ready() ? Phase::ready : Phase::sampling;
}

}  // namespace mxswitch::monitor
