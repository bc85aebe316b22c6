#include "orchestrator/roster/difference.h"

#include <map>
#include <set>

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

using Targets = std::set<std::string>;

std::set<std::string> account_names(const Roster& roster) {
  std::set<std::string> names;
  for (const Account& account : roster.accounts) names.insert(lower_case(account.name));
  return names;
}

std::string canonical(const std::string& target) {
  return is_outside(target) ? target : lower_case(target);
}

std::map<std::string, Targets> alias_targets(const Roster& roster) {
  std::map<std::string, Targets> aliases;
  for (const Alias& alias : roster.aliases) {
    auto& targets = aliases[lower_case(alias.name)];
    for (const std::string& target : alias.targets) targets.insert(canonical(target));
  }
  if (roster.catch_all) aliases["@"] = {canonical(*roster.catch_all)};
  return aliases;
}

}  // namespace

RosterDifference difference(const Roster& wanted, const Roster& found) {
  RosterDifference result;
  const auto wanted_accounts = account_names(wanted), found_accounts = account_names(found);
  std::set_difference(wanted_accounts.begin(), wanted_accounts.end(), found_accounts.begin(),
                      found_accounts.end(), std::back_inserter(result.missing_accounts));
  std::set_difference(found_accounts.begin(), found_accounts.end(), wanted_accounts.begin(),
                      wanted_accounts.end(), std::back_inserter(result.extra_accounts));

  const auto wanted_aliases = alias_targets(wanted), found_aliases = alias_targets(found);
  for (const auto& [name, targets] : wanted_aliases) {
    const auto same = found_aliases.find(name);
    if (same == found_aliases.end()) {
      result.missing_aliases.push_back(name);
    } else if (same->second != targets) {
      result.changed_aliases.push_back(name);
    }
  }
  for (const auto& [name, targets] : found_aliases) {
    if (!wanted_aliases.contains(name)) result.extra_aliases.push_back(name);
  }
  return result;
}

}  // namespace mxswitch::orchestrator
