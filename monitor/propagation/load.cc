#include "monitor/propagation/load.h"

#include <algorithm>

#include "monitor/propagation/schedule.h"
#include "monitor/propagation/state.h"

namespace mxswitch::monitor {
namespace {

constexpr double kControlQueries = 2;  // `. SOA` and the name that must not exist

std::optional<Time> asked_last(const PropagationState& state, const ProbeDue& probe) {
  if (probe.kind == ProbeKind::authority) {
    const AuthorityState* authority = state.authorities.find({probe.server, probe.endpoint});
    return authority ? authority->polled_at : std::nullopt;
  }
  const ResolverTrack& track = state.track_of(probe.endpoint);
  if (probe.kind == ProbeKind::dot) return track.dot.asked_at;
  if (probe.kind == ProbeKind::identity) return track.own_name.asked_at;
  return probe.kind == ProbeKind::control ? track.control_at : track.sent_at;
}

}  // namespace

double times_a_day(Duration interval) {
  return std::chrono::duration<double>(std::chrono::days(1)) /
         std::chrono::duration<double>(std::max<Duration>(interval, seconds(1)));
}

double queries_a_day(const Reading& reading) {
  double queries = 0;
  for (const ProbeDue& probe : wanted_probes(reading)) {
    const auto last = asked_last(reading.state, probe);
    if (!last) continue;  // its pace is not known yet
    const double times = times_a_day(std::max(probe.at, reading.now) - *last);
    queries += probe.kind == ProbeKind::control ? times * kControlQueries : times;
  }
  return queries;
}

}  // namespace mxswitch::monitor
