#include "monitor/history/export_lines.h"

#include <fmt/format.h>

#include "probes/base/json_text.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string line(const ordered_json& value) { return json_text(value) + "\n"; }

double in_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

// The row as it was when the head was written; nothing when it did not exist then.
std::optional<ObservationRow> cut(ObservationRow row, std::uint64_t next_seq) {
  if (row.seq >= next_seq) return std::nullopt;
  while (row.moments.size() > 1 && row.moments.back().seq >= next_seq) {
    row.count -= 1 + row.moments.back().repeats;
    row.moments.pop_back();
    row.last_at = row.moments.back().received_at;
  }
  return row;
}

ordered_json samples_json(const ObservationRow& row) {
  ordered_json samples = ordered_json::array();
  for (const Moment& moment : row.moments)
    samples.push_back({moment.seq, format_time_ms(moment.received_at), moment.took.count(),
                       moment.ttl, moment.repeats});
  return samples;
}

std::string flags_text(const json& answer) {
  std::string flags;
  for (const auto& [name, value] : answer.items())
    if (value.is_boolean() && value.get<bool>()) flags += (flags.empty() ? "" : " ") + name;
  return flags;
}

std::string mx_text(const json& answer) {
  std::string text;
  if (!answer.contains("mx")) return text;
  for (const json& mx : answer.at("mx"))
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", mx.at("preference").get<int>(),
                        mx.at("exchange").get<std::string>());
  return text;
}

}  // namespace

std::string header_line(const ExportHead& head) {
  ordered_json all = {{"kind", "header"},
                      {"format", kExportFormat},
                      {"version", kExportVersion},
                      {"owner", head.owner},
                      {"exported_at", format_time_ms(head.exported_at)},
                      {"kept_at", head.head.at("at")},
                      {"since_at", head.since ? json(format_time_ms(*head.since)) : json()},
                      {"input", head.input},
                      {"clock", "UTC, as mxswitch counted it (steady between restarts)"},
                      {"resolvers", {{head.resolvers_digest, head.resolvers}}}};
  return line(all);
}

std::string resolvers_line(const std::string& digest, const json& list) {
  return line({{"kind", "resolvers"}, {"digest", digest}, {"list", list}});
}

std::string row_line(const ObservationRow& given, std::uint64_t next_seq) {
  const auto row = cut(given, next_seq);
  if (!row) return {};
  const json body = json::parse(row->body);
  ordered_json all = {{"kind", row->kind}, {"seq", row->seq}};
  if (!row->is_run()) {
    all["at"] = format_time_ms(row->first_at);
    for (const auto& [name, value] : body.items()) all[name] = value;
    return line(all);
  }
  all["server"] = row->server;
  all["answer"] = body;
  all["count"] = row->count;
  all["first_at"] = format_time_ms(row->first_at);
  all["last_at"] = format_time_ms(row->last_at);
  all["largest_gap_s"] = in_seconds(row->largest_gap);
  all["whole"] = row->whole;
  all["samples"] = samples_json(*row);
  return line(all);
}

std::string end_line(const json& head) {
  ordered_json all = {{"kind", "end"}, {"seq", head.at("next_seq")}, {"at", head.at("at")}};
  for (const auto& [name, value] : head.at("now").items()) all[name] = value;
  return line(all);
}

std::string csv_field(std::string_view text) {
  std::string field;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    field += '\'';
  bool quoted = false;
  for (const char c : text) {
    quoted = quoted || c == '"' || c == ',' || c == '\n' || c == '\r';
    if (c == '"') field += '"';
    field += c;
  }
  return quoted ? "\"" + field + "\"" : field;
}

std::string csv_header() {
  return "seq,kind,server,outcome,mx,ttl_first_s,ttl_last_s,nsid,flags,first_sent_at,"
         "first_received_at,last_sent_at,last_received_at,count,largest_gap_s,details\r\n";
}

std::string csv_line(const ObservationRow& given, std::uint64_t next_seq) {
  const auto row = cut(given, next_seq);
  if (!row) return {};
  const json body = json::parse(row->body);
  std::vector<std::string> fields = {std::to_string(row->seq), row->kind, row->server};
  if (row->is_run()) {
    const Moment &first = row->moments.front(), &last = row->moments.back();
    const bool answer = body.contains("outcome");
    const auto ttl = [&](const Moment& m) { return answer ? std::to_string(m.ttl) : ""; };
    fields.insert(
        fields.end(),
        {body.value("outcome", ""), mx_text(body), ttl(first), ttl(last), body.value("nsid", ""),
         flags_text(body), format_time_ms(first.received_at - first.took),
         format_time_ms(first.received_at), format_time_ms(last.received_at - last.took),
         format_time_ms(last.received_at), std::to_string(row->count),
         fmt::format("{:.3f}", in_seconds(row->largest_gap)),
         row->kind == "walk" ? row->body : ""});
  } else {
    fields.insert(fields.end(), {body.value("verdict", ""), "", "", "", "", "", "",
                                 format_time_ms(row->first_at), "", "", "1", "", row->body});
  }
  std::string text;
  for (const std::string& field : fields) text += (text.empty() ? "" : ",") + csv_field(field);
  return text + "\r\n";
}

}  // namespace mxswitch::monitor
