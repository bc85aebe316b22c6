#include "monitor/history/export_stream.h"

#include "monitor/history/rows.h"
#include "probes/base/json_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

ExportHead read_export_head(Transaction& transaction, const ExportWanted& wanted) {
  auto head = read_head(transaction, wanted.owner);
  const auto input = read_newest_input(transaction, wanted.owner);
  if (!head || !input)
    throw StepRefused({Fault::not_found, "nothing was observed of this domain", wanted.owner,
                       "list those that are watched: mxswitch status"});
  ExportHead all;
  all.owner = wanted.owner;
  all.exported_at = wanted.now;
  all.since = wanted.since;
  all.head = std::move(*head);
  all.input = json::parse(input->body).at("input");
  all.resolvers_digest = all.input.at("resolvers").get<std::string>();
  all.resolvers = read_resolvers(transaction, all.resolvers_digest).value_or(json::array());
  return all;
}

// The verdict at the end, as a row.
ObservationRow end_row(const ExportHead& head) {
  ObservationRow row;
  row.seq = head.head.at("next_seq").get<std::uint64_t>();
  row.kind = "end";
  row.body = json_text(head.head.at("now"));
  row.first_at = row.last_at = head.exported_at;
  return row;
}

}  // namespace

ExportStream::ExportStream(Database& database, ExportWanted wanted, ExportHead head)
    : database_(database),
      wanted_(std::move(wanted)),
      head_(std::move(head)),
      next_seq_(head_.head.at("next_seq").get<std::uint64_t>()),
      lists_{head_.resolvers_digest} {}

Result<std::unique_ptr<ExportStream>> ExportStream::open(Database& database, ExportWanted wanted) {
  auto head = database.transact_blocking(
      [&wanted](Transaction& transaction) { return read_export_head(transaction, wanted); });
  if (!head) return tl::unexpected(head.error());
  return std::unique_ptr<ExportStream>(
      new ExportStream(database, std::move(wanted), std::move(*head)));
}

Result<std::optional<std::string>> ExportStream::next() {
  if (ended_) return std::nullopt;
  if (!begun_) {
    begun_ = true;
    return begin_text();
  }
  auto piece = database_.transact_blocking([this](Transaction& transaction) {
    std::string text;
    const auto rows = read_rows(transaction, wanted_.owner, after_,
                                wanted_.since.value_or(Time::min()), kRowsAPiece);
    for (const ObservationRow& row : rows) text += text_of(transaction, row);
    if (!rows.empty()) after_ = rows.back().seq;
    ended_ = rows.size() < static_cast<std::size_t>(kRowsAPiece);
    return text;
  });
  if (!piece) return tl::unexpected(piece.error());
  return ended_ ? *piece + end_text() : std::move(*piece);
}

std::string ExportStream::begin_text() const {
  return wanted_.csv ? csv_header() : header_line(head_);
}

std::string ExportStream::end_text() const {
  return wanted_.csv ? csv_line(end_row(head_), next_seq_ + 1) : end_line(head_.head);
}

// A list of resolvers stands before the first row that names it.
std::string ExportStream::text_of(Transaction& transaction, const ObservationRow& row) {
  if (wanted_.csv) return csv_line(row, next_seq_);
  std::string text;
  const json body = row.is_run() ? json::object() : json::parse(row.body);
  if (body.contains("input")) {
    const auto digest = body.at("input").at("resolvers").get<std::string>();
    if (lists_.insert(digest).second)
      text = resolvers_line(digest, read_resolvers(transaction, digest).value_or(json::array()));
  }
  return text + row_line(row, next_seq_);
}

}  // namespace mxswitch::monitor
