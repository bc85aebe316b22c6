#include "orchestrator/relay_agent/record_codec.h"

#include "orchestrator/roster/digest.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

std::int64_t millis(Time t) { return t.time_since_epoch().count(); }

void take_names(DomainRecord& record, RosterWrite names) {
  for (AccountWrite& account : names.accounts) {
    record.roster.accounts.push_back({account.name, account.must_change_password});
    record.credentials[account.name] = {account.password_hash.value_or(""),
                                        account.must_change_password, account.initial_expires_at};
  }
  record.roster.aliases = std::move(names.aliases);
  record.roster.catch_all = std::move(names.catch_all);
  record.roster.delimiter = std::move(names.delimiter);
  record.roster.same_as = std::move(names.same_as);
  record.roster.digest = roster_digest(record.roster);
  record.row.roster_digest = record.roster.digest;
}

}  // namespace

json to_json(const DomainRecord& record) {
  RosterWrite names;
  for (const auto& [name, credential] : record.credentials) {
    AccountWrite account;
    account.name = name;
    if (!credential.hash.empty()) account.password_hash = credential.hash;
    account.must_change_password = credential.must_change;
    account.initial_expires_at = credential.initial_expires_at;
    names.accounts.push_back(std::move(account));
  }
  names.aliases = record.roster.aliases;
  names.catch_all = record.roster.catch_all;
  names.delimiter = record.roster.delimiter;
  names.same_as = record.roster.same_as;
  json made = {{"domain", to_json(record.row)},
               {"names", to_json(names)},
               {"route_at_ms", millis(record.route_at)}};
  if (record.soak_until) made["soak_until_ms"] = millis(*record.soak_until);
  return made;
}

Result<DomainRecord> parse_record(std::string_view text) {
  const auto whole = json::parse(text, nullptr, false);
  const auto is_whole = whole.is_object() && whole.contains("domain") && whole.contains("names") &&
                        whole.contains("route_at_ms") && whole["route_at_ms"].is_number_integer();
  if (!is_whole) return fail(Fault::malformed, "no copy of a domain");
  auto row = parse<RelayDomain>(json_text(whole["domain"]));
  if (!row) return tl::unexpected(row.error());
  auto names = parse<RosterWrite>(json_text(whole["names"]));
  if (!names) return tl::unexpected(names.error());
  DomainRecord record;
  record.row = std::move(*row);
  record.row.in_force = {};
  record.route_at = Time(Duration(whole["route_at_ms"].get<std::int64_t>()));
  if (whole.contains("soak_until_ms") && whole["soak_until_ms"].is_number_integer()) {
    record.soak_until = Time(Duration(whole["soak_until_ms"].get<std::int64_t>()));
  }
  record.open = record.row.mode == Mode::split;
  take_names(record, std::move(*names));
  return record;
}

}  // namespace mxswitch::orchestrator
