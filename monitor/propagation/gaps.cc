#include "monitor/propagation/gaps.h"

#include <fmt/format.h>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kShownGap = seconds(60);  // shorter ones are ordinary restarts
constexpr std::size_t kMostGaps = 20;

constexpr const char* kAgreement =
    "the drain keeps its clock only where answers agree on both sides";

void keep(PropagationState& state, std::string text) {
  state.gaps.push_back(std::move(text));
  if (state.gaps.size() > kMostGaps) state.gaps.erase(state.gaps.begin());
}

}  // namespace

void note_gap(PropagationState& state, Duration unwatched, Time until, bool accounted) {
  if (unwatched <= kShownGap && accounted) return;
  keep(state,
       fmt::format(
           "nobody watched for {} until {}: {}", format_duration(unwatched), format_time(until),
           accounted ? kAgreement : "that time can't be proved, so the drain starts again"));
}

void note_uplink_gap(PropagationState& state, const char* family, Duration silent, Time until) {
  if (silent <= kShownGap) return;
  keep(state,
       fmt::format("nothing answered here over {} for {} until {}, the root servers neither: "
                   "{}",
                   family, format_duration(silent), format_time(until), kAgreement));
  ++state.revision;
}

void follow_gap(PropagationState& state, Time now) {
  if (now <= state.wake_at || now - state.wake_at <= kShownGap) return;
  note_gap(state, now - state.wake_at, now, true);
  ++state.revision;
}

}  // namespace mxswitch::monitor
