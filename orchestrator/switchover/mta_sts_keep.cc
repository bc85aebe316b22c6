#include "orchestrator/switchover/mta_sts_keep.h"

#include <nlohmann/json.hpp>

#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::Value;
using nlohmann::json;

json to_json(const std::optional<probes::MtaStsPolicy>& policy) {
  if (!policy) return nullptr;
  return {{"mode", policy->mode}, {"mx", policy->mx}, {"max_age_ms", policy->max_age.count()}};
}

// A row that can't be read leaves a policy of which nothing is known: that holds the longest.
std::optional<probes::MtaStsPolicy> policy_from(const json& j) {
  try {
    if (j.is_null()) return std::nullopt;
    return probes::MtaStsPolicy{j.at("mode").get<std::string>(),
                                j.at("mx").get<std::vector<std::string>>(),
                                Duration(j.at("max_age_ms").get<std::int64_t>())};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<SeenMtaSts> after_look(std::optional<SeenMtaSts> before,
                                     const std::optional<std::string>& record, Time now) {
  if (!record) {
    if (before && !before->gone_at) before->gone_at = now;
    return before;
  }
  // Another record announces another policy, which is known once it is fetched.
  if (!before || before->record != *record) return SeenMtaSts{*record, std::nullopt, std::nullopt};
  before->gone_at.reset();
  return before;
}

monitor::Migration mta_sts_migration() {
  return {"mta_sts", 1, R"(
CREATE TABLE mta_sts_seen (domain TEXT PRIMARY KEY, record TEXT NOT NULL, policy TEXT NOT NULL,
  gone_ms INTEGER);
)"};
}

void keep_mta_sts(monitor::Transaction& tx, const std::string& domain, const SeenMtaSts& seen) {
  const Value gone =
      seen.gone_at ? Value(std::int64_t{seen.gone_at->time_since_epoch().count()}) : Value(nullptr);
  tx.execute(
      "INSERT OR REPLACE INTO mta_sts_seen (domain, record, policy, gone_ms) VALUES (?, ?, ?, ?)",
      {domain, seen.record, json_text(to_json(seen.policy)), gone});
}

std::optional<SeenMtaSts> kept_mta_sts(monitor::Transaction& tx, const std::string& domain) {
  const auto rows =
      tx.query("SELECT record, policy, gone_ms FROM mta_sts_seen WHERE domain = ?", {domain});
  if (rows.empty()) return std::nullopt;
  SeenMtaSts seen;
  seen.record = rows.front().text(0);
  seen.policy = policy_from(json::parse(rows.front().text(1), nullptr, false));
  if (!rows.front().is_null(2)) seen.gone_at = Time(Duration(rows.front().integer(2)));
  return seen;
}

}  // namespace mxswitch::orchestrator
