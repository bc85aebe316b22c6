#include "monitor/propagation/gaps.h"

#include <fmt/format.h>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kShownGap = seconds(60);  // shorter ones are ordinary restarts
constexpr std::size_t kMostGaps = 20;

}  // namespace

void note_gap(PropagationState& state, Duration unwatched, Time until, bool accounted) {
  if (unwatched <= kShownGap && accounted) return;
  state.gaps.push_back(fmt::format(
      "nobody watched for {} until {}: {}", format_duration(unwatched), format_time(until),
      accounted ? "the drain keeps its clock only where answers agree on both sides"
                : "that time can't be proved, so the drain starts again"));
  if (state.gaps.size() > kMostGaps) state.gaps.erase(state.gaps.begin());
}

void follow_gap(PropagationState& state, Time now) {
  if (now <= state.wake_at || now - state.wake_at <= kShownGap) return;
  note_gap(state, now - state.wake_at, now, true);
  ++state.revision;
}

}  // namespace mxswitch::monitor
