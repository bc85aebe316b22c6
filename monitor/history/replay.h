// Judges an export again: feeds what was seen to the same cores in the same order, and compares
// each verdict with the one that the export says. Pure.
#pragma once

#include <string>
#include <vector>

#include "monitor/history/export_reader.h"
#include "monitor/history/verdict_gist.h"

namespace mxswitch::monitor {

struct ReplayedVerdict {
  std::size_t line = 0;  // of the export
  Time at{};
  VerdictGist said, found;
  bool equal() const { return said == found; }
};

struct Replay {
  std::vector<ReplayedVerdict> verdicts;  // the last is that of the export's end
  PropagationReport end;                  // found there
  std::size_t samples = 0;                // fed
  std::size_t skipped = 0;                // steps before the place where it could begin
  bool equal() const;
};

// Fails with `usage` when the export holds no place to begin at, or with file:line for a step that
// the cores can't take.
Result<Replay> replay(const ExportFile& file);

}  // namespace mxswitch::monitor
