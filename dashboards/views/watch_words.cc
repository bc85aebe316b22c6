#include "dashboards/views/watch_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {
namespace {

using monitor::Forecast;
using monitor::Obligation;

// As the authorities give it with what is to go; after the change with what took its place.
std::uint32_t seen_ttl(const PropagationReport& report) {
  std::uint32_t old_ttl = 0, any_ttl = 0;
  for (const AuthorityReport& authority : report.authorities) {
    any_ttl = std::max(any_ttl, authority.ttl);
    if (authority.last_class != AnswerClass::new_) old_ttl = std::max(old_ttl, authority.ttl);
  }
  for (const Obligation& obligation : report.obligations)
    if (obligation.kind == Obligation::Kind::authority)
      old_ttl = std::max(old_ttl, static_cast<std::uint32_t>(obligation.ttl.count()));
  return old_ttl > 0 ? old_ttl : any_ttl;
}

bool rests_on_silence(const PropagationReport& report) {
  return std::any_of(report.obligations.begin(), report.obligations.end(),
                     [](const Obligation& o) { return o.kind == Obligation::Kind::assumed; });
}

// Somebody serves the new set, and nobody was seen to serve another: the watch came late.
bool came_late(const PropagationReport& report) {
  return report.change_started_at &&
         std::none_of(report.obligations.begin(), report.obligations.end(), [](const auto& o) {
           return o.kind == Obligation::Kind::authority || o.kind == Obligation::Kind::absent;
         });
}

}  // namespace

std::string declare_advice(const PropagationReport& report, Time now) {
  if (report.ready() || !report.forecast.earliest || !rests_on_silence(report)) return {};
  const Time earliest = *report.forecast.earliest;
  const std::uint32_t ttl = seen_ttl(report);
  return fmt::format(
      "READY not before {} ({}) because nobody said whether the TTL was lowered lately; "
      "--old-ttl {} if it was never lowered{}",
      moment(earliest, now), relative(earliest, now), ttl > 0 ? ttl : 3600,
      came_late(report) ? ", and --changed-at TIME if you know when the last server was changed"
                        : "");
}

monitor::PropagationReport in_options(monitor::PropagationReport report) {
  for (Forecast::Move& move : report.forecast.moves) {
    if (move.code == "declare")
      move.text = "--old-ttl and --changed-at replace the assumed old TTL";
    else if (move.code == "ignore")
      move.text =
          "a server that is gone for good: take it out of the delegation, or begin again with "
          "--ignore \"SERVER=REASON\"";
    else if (move.code == "waive")
      move.text =
          "a resolver that never lets go can be waived in a plan alone (mxswitch plan init)";
  }
  return report;
}

}  // namespace mxswitch::dashboards
