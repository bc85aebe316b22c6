#include "orchestrator/roster/merge.h"

#include <algorithm>
#include <set>

#include "orchestrator/roster/address.h"
#include "orchestrator/roster/difference.h"
#include "orchestrator/roster/digest.h"

namespace mxswitch::orchestrator {
namespace {

using Names = std::set<std::string>;

Names account_names(const Roster& roster) {
  Names names;
  for (const Account& account : roster.accounts) names.insert(lower_case(account.name));
  return names;
}

std::vector<std::string> in_order(const Names& names) { return {names.begin(), names.end()}; }

}  // namespace

RosterEffect effect_of(const RosterWrite& given, const std::vector<Roster>& found) {
  const Roster wanted = roster_of(given);
  Names accounts, aliases, fresh;
  for (const Roster& roster : found) {
    const RosterDifference d = difference(wanted, roster);
    accounts.insert(d.extra_accounts.begin(), d.extra_accounts.end());
    aliases.insert(d.extra_aliases.begin(), d.extra_aliases.end());
    fresh.insert(d.missing_accounts.begin(), d.missing_accounts.end());
  }
  Names on_default;
  for (const AccountWrite& account : given.accounts) {
    const std::string name = lower_case(account.name);
    const bool begins = account.reset_password || fresh.contains(name);
    if (begins && account.initial_expires_at) on_default.insert(name);
  }
  return {in_order(accounts), in_order(aliases), in_order(on_default)};
}

RosterWrite merged(RosterWrite given, const std::vector<Roster>& found) {
  const Names wanted = account_names(roster_of(given));
  Names accounts = wanted, aliases;
  for (const Alias& alias : given.aliases) aliases.insert(lower_case(alias.name));
  for (const Roster& roster : found) {
    for (const Account& account : roster.accounts) {
      if (!accounts.insert(lower_case(account.name)).second) continue;
      AccountWrite kept;
      kept.name = account.name;
      kept.must_change_password = account.must_change_password;
      given.accounts.push_back(std::move(kept));
    }
    const Names here = account_names(roster);
    for (const Alias& alias : roster.aliases) {
      const std::string name = lower_case(alias.name);
      // The files made an account of it: the alias would hide that.
      if (wanted.contains(name) && !here.contains(name)) continue;
      if (aliases.insert(name).second) given.aliases.push_back(alias);
    }
    if (!given.catch_all) given.catch_all = roster.catch_all;
    if (!given.same_as) given.same_as = roster.same_as;
  }
  return given;
}

}  // namespace mxswitch::orchestrator
