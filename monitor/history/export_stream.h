// An export piece by piece from the database: bounded memory, however long a domain is watched.
// Each piece is one short transaction; what is observed meanwhile is left out of it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "monitor/database/database.h"
#include "monitor/history/export_lines.h"

namespace mxswitch::monitor {

struct ExportWanted {
  std::string owner;
  bool csv = false;
  std::optional<Time> since;  // leaves out what was last seen before
  Time now{};
};

class ExportStream {
 public:
  static constexpr int kRowsAPiece = 200;

  // Blocks for the database, as next() does; not for the loop's thread. `not_found` for an owner
  // that was never watched. `database` must outlive the stream.
  static Result<std::unique_ptr<ExportStream>> open(Database& database, ExportWanted wanted);

  // The next piece, whole lines; none after the last. Without its last line ("end") an export is
  // no export: a reader refuses it.
  Result<std::optional<std::string>> next();

 private:
  ExportStream(Database& database, ExportWanted wanted, ExportHead head);
  std::string begin_text() const;
  std::string end_text() const;
  std::string text_of(Transaction& transaction, const ObservationRow& row);

  Database& database_;
  ExportWanted wanted_;
  ExportHead head_;
  std::uint64_t next_seq_, after_ = 0;
  std::set<std::string> lists_;  // digests that were written
  bool begun_ = false, ended_ = false;
};

}  // namespace mxswitch::monitor
