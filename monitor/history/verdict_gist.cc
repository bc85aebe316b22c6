#include "monitor/history/verdict_gist.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

json time_or_null(const std::optional<Time>& time) {
  return time ? json(format_time_ms(*time)) : json();
}

// One entry a code: how often, the first text, the latest time at which it can change.
json reasons_json(const std::vector<Reason>& reasons) {
  std::map<std::string, json> by_code;
  std::map<std::string, std::optional<Time>> until;
  for (const Reason& reason : reasons) {
    json& entry = by_code[reason.code];
    if (entry.is_null()) entry = {{"code", reason.code}, {"count", 0}, {"text", reason.text}};
    entry["count"] = entry["count"].get<int>() + 1;
    until[reason.code] = std::max(until[reason.code], reason.until);
  }
  json list = json::array();
  for (auto& [code, entry] : by_code) {
    if (until[code]) entry["until_at"] = format_time_ms(*until[code]);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

VerdictGist gist_of(const PropagationReport& report) {
  std::set<std::string> codes;
  for (const Reason& reason : report.reasons) codes.insert(reason.code);
  return {std::string(to_text(report.verdict)),
          {codes.begin(), codes.end()},
          report.strict_until,
          report.waivers};
}

std::string gist_text(const VerdictGist& gist) {
  std::string text = gist.verdict;
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (!gist.codes.empty()) text += fmt::format(" ({})", fmt::join(gist.codes, ", "));
  if (gist.strict_until) text += ", bound " + format_time_ms(*gist.strict_until);
  for (const std::string& waiver : gist.waivers) text += ", " + waiver;
  return text;
}

json verdict_json(const PropagationReport& report, const Policy& policy) {
  return {{"verdict", to_text(report.verdict)},
          {"reasons", reasons_json(report.reasons)},
          {"waivers", report.waivers},
          {"strict_until_at", time_or_null(report.strict_until)},
          {"opens_at", time_or_null(report.opens_at)},
          {"ready_from_at", time_or_null(report.ready_from)},
          {"drain_started_at", time_or_null(report.drain_started_at)},
          {"drain_assumed", report.drain_assumed},
          {"obligations", report.obligations.size()},
          {"k", policy.k},
          {"counted", report.counted},
          {"warm", report.warm},
          {"cold", report.cold},
          {"stale", report.stale},
          {"operators", report.operators},
          {"countries", report.countries}};
}

VerdictGist gist_from_json(const json& row) {
  VerdictGist gist;
  gist.verdict = row.at("verdict").get<std::string>();
  for (const json& reason : row.at("reasons"))
    gist.codes.push_back(reason.at("code").get<std::string>());
  std::sort(gist.codes.begin(), gist.codes.end());
  gist.waivers = row.at("waivers").get<std::vector<std::string>>();
  if (!row.at("strict_until_at").is_null()) {
    const auto time = parse_time(row.at("strict_until_at").get<std::string>());
    if (!time) throw std::runtime_error(time.error().text());
    gist.strict_until = *time;
  }
  return gist;
}

}  // namespace mxswitch::monitor
