// The terminal's views (UX: The terminal). Answer first, worst rows first, fitted to a height with
// "+N more"; sentences go on below. In a pipe nothing is cut and nothing goes on below. Text of
// others passes printable(), so no escape sequence of theirs is obeyed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dashboards/views/words.h"
#include "monitor/propagation/one_look.h"

namespace mxswitch::dashboards {

struct TextOptions {
  std::size_t width = 0;   // columns; 0: a line has no end
  std::size_t height = 0;  // lines; 0: all is shown
  bool ascii = false;      // no character outside US-ASCII
  bool colour = false;     // ANSI colours; off for NO_COLOR and what is no terminal
};

// `watch` and `status` of a switchover.
std::string render_status(const Snapshot& snapshot, Time now, const TextOptions& options);
// `watch` without a plan.
struct WatchView {
  const PropagationReport& report;
  std::string advice;             // what would make it surer or sooner; may be empty
  std::string ttl;                // as in CheckView
  std::optional<Time> next_look;  // when something is asked next
};
std::string render_watch(const WatchView& view, Time now, const TextOptions& options);
// `check`: what one look says, a line a fact, worst first, and what was not looked at.
struct CheckView {
  const PropagationReport& report;
  const monitor::OneLook& look;
  std::vector<std::string> outlook;  // when READY could be, as declared; may be empty
  std::string ttl;                   // the TTL before the change and after READY; may be empty
  bool rows = false;                 // one for each server too, and every name of a fact
};
std::string render_check(const CheckView& view, Time now, const TextOptions& options);
std::string render_gates(const Snapshot& snapshot, Time now, const TextOptions& options);
std::string render_history(const Snapshot& snapshot, const TextOptions& options);
// `status --explain`: the four conditions, the obligations, the caches and what each rests on, as
// a tree. Of a snapshot: every owner's, one after the other.
std::string render_explain(const PropagationReport& report, Time now, const TextOptions& options);
std::string render_explain(const Snapshot& snapshot, Time now, const TextOptions& options);
// For what is no terminal: one stable line a change, without ages and countdowns.
std::string render_line(const Snapshot& snapshot);
std::string render_line(const PropagationReport& report);

}  // namespace mxswitch::dashboards
