#include "orchestrator/roster/digest.h"

#include <algorithm>

#include "orchestrator/roster/address.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

std::string canonical_target(const std::string& target) {
  return is_outside(target) ? target : lower_case(target);
}

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

}  // namespace

std::string roster_digest(const Roster& roster) {
  std::vector<std::string> accounts;
  for (const Account& account : roster.accounts) accounts.push_back(lower_case(account.name));
  std::sort(accounts.begin(), accounts.end());

  std::vector<std::pair<std::string, std::vector<std::string>>> aliases;
  for (const Alias& alias : roster.aliases) {
    std::vector<std::string> targets;
    for (const std::string& target : alias.targets) targets.push_back(canonical_target(target));
    std::sort(targets.begin(), targets.end());
    aliases.emplace_back(lower_case(alias.name), std::move(targets));
  }
  std::sort(aliases.begin(), aliases.end());

  std::optional<std::string> catch_all;
  if (roster.catch_all) catch_all = canonical_target(*roster.catch_all);
  const nlohmann::json canonical = {
      "mxswitch roster 1",    accounts, aliases, or_null(catch_all), or_null(roster.delimiter),
      or_null(roster.same_as)};
  return sha256_hex(encode(canonical));
}

Roster roster_of(const RosterWrite& write) {
  Roster roster;
  for (const AccountWrite& account : write.accounts) {
    roster.accounts.push_back({account.name, account.must_change_password});
  }
  roster.aliases = write.aliases;
  roster.catch_all = write.catch_all;
  roster.delimiter = write.delimiter;
  roster.same_as = write.same_as;
  roster.digest = roster_digest(roster);
  return roster;
}

}  // namespace mxswitch::orchestrator
