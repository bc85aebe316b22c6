// Reads an export (JSON lines) back. The file comes from outside: everything is checked, errors
// say file:line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/history/input_json.h"
#include "monitor/history/sighting.h"

namespace mxswitch::monitor {

// One thing that the cores took or said.
struct ExportStep {
  std::uint64_t seq = 0;
  std::size_t line = 0;
  std::string kind;
  Time at{};
  bool repeated = false;             // one that its run only counts, put where it must have been
  std::optional<Sighting> sighting;  // of a sample
  nlohmann::json event;              // otherwise: the whole line
};

struct ExportFile {
  std::string name, owner;
  bool partial = false;  // made with --since
  ResolverLists lists;
  std::vector<ExportStep> steps;    // by seq; the last is "end"
  std::uint64_t dropped_until = 0;  // retention dropped samples up to this seq; 0: none
};

Result<ExportFile> parse_export(std::string_view text, const std::string& name);
Result<ExportFile> read_export(const std::string& path);  // at most 512 MiB

}  // namespace mxswitch::monitor
