// What was seen of one owner as a file: JSON lines, which a replay can judge again, or CSV for
// spreadsheets. deploy/mxswitch/EXPORT.md documents every field.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "monitor/history/row.h"

namespace mxswitch::monitor {

inline constexpr const char* kExportFormat = "mxswitch-observations";
inline constexpr int kExportVersion = 1;

struct ExportHead {
  std::string owner;
  Time exported_at{};
  std::optional<Time> since;  // set: earlier rows are left out, and a replay is not possible
  nlohmann::json head;        // History::head
  nlohmann::json input;       // as in force at the end
  std::string resolvers_digest;
  nlohmann::json resolvers;  // the list that `input` names
};

// Each of these is one line with its end. Rows and samples from `next_seq` on are younger than the
// head and left out: row_line is then empty.
std::string header_line(const ExportHead& head);
std::string resolvers_line(const std::string& digest, const nlohmann::json& list);
std::string row_line(const ObservationRow& row, std::uint64_t next_seq);
std::string end_line(const nlohmann::json& head);

std::string csv_header();
std::string csv_line(const ObservationRow& row, std::uint64_t next_seq);
// One field by RFC 4180. What a spreadsheet would take for a formula gets an apostrophe in front:
// answers come from strangers.
std::string csv_field(std::string_view text);

}  // namespace mxswitch::monitor
