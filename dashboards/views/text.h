// The terminal's views (UX: The terminal). Answer first, worst rows first, fitted to a height with
// "+N more"; sentences go on below. In a pipe nothing is cut and nothing goes on below. Text of
// others passes printable(), so no escape sequence of theirs is obeyed.
#pragma once

#include <string>

#include "dashboards/views/words.h"

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
std::string render_watch(const PropagationReport& report, Time now, const TextOptions& options);
// `check`: one look, all rows, and a last line that says what was not judged.
std::string render_check(const PropagationReport& report, Time now, const TextOptions& options);
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
