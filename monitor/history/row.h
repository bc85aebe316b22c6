// One durable row of what was seen: a run of equal answers of one server, or one event. Rows of an
// owner are ordered by seq; a run's is that of its first sample. Also the text of kept moments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/history/sighting.h"

namespace mxswitch::monitor {

// How far back a replay may begin at a row.
enum class Mark {
  none,    // a run, or an event that says nothing of the input
  input,   // the event holds the input from here on
  anchor,  // a replay can begin here: all that came before is in the event, or there was nothing
};

// A row without its kind and server: what a history holds of each run that is open.
struct Observed {
  std::uint64_t seq = 0;
  std::string body;  // JSON: the answer, or what the event says
  // Of a run: the samples that are kept, oldest first, the first and the newest among them. The
  // others repeated what was known and are only counted.
  std::vector<Moment> moments;
  std::uint64_t count = 1;
  Duration largest_gap{0};  // between two samples of the run
  Time first_at{}, last_at{};
  bool open = false;  // the run may go on
  bool whole = true;  // false: retention has dropped samples that a replay would need
  Mark mark = Mark::none;

  bool is_run() const { return !moments.empty(); }
};

struct ObservationRow : Observed {
  std::string kind;    // of a sighting; or "begin", "plan", "restart", "verdict", ...
  std::string server;  // empty for events
};

// "12,1795305600123,20,3600,0;3,30000,21,3570,0;": seq, received (ms), took (ms), ttl, repeats; seq
// and time of all but the first as differences.
std::string moments_text(const std::vector<Moment>& moments);
Result<std::vector<Moment>> parse_moments(std::string_view text);

}  // namespace mxswitch::monitor
