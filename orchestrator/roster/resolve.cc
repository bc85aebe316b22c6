#include "orchestrator/roster/resolve.h"

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {

std::string_view to_text(RecipientKind k) {
  switch (k) {
    case RecipientKind::account:
      return "account";
    case RecipientKind::alias:
      return "alias";
    case RecipientKind::catch_all:
      return "catch_all";
    case RecipientKind::unknown:
      break;
  }
  return "unknown";
}

RosterIndex::RosterIndex(const Roster& roster)
    : catch_all_(roster.catch_all), delimiter_(roster.delimiter) {
  accounts_.reserve(roster.accounts.size());
  aliases_.reserve(roster.aliases.size());
  for (const Account& account : roster.accounts) accounts_.insert(lower_case(account.name));
  for (const Alias& alias : roster.aliases) {
    auto& targets = aliases_[lower_case(alias.name)];
    for (const std::string& target : alias.targets) {
      targets.push_back(is_outside(target) ? target : lower_case(target));
    }
  }
  if (catch_all_ && !is_outside(*catch_all_)) catch_all_ = lower_case(*catch_all_);
}

Resolution RosterIndex::find(const std::string& name) const {
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) {
    return {RecipientKind::alias, name, alias->second};
  }
  if (accounts_.contains(name)) return {RecipientKind::account, name, {name}};
  return {};
}

Resolution RosterIndex::find_with_tag(const std::string& name) const {
  if (auto found = find(name); found.known()) return found;
  if (!delimiter_ || delimiter_->empty()) return {};
  const auto tag = name.find(*delimiter_);
  // Not every mailbox server takes a tag of other octets: it would refuse what was accepted here.
  if (tag == name.npos || tag == 0 || !is_name_text(name)) return {};
  return find(name.substr(0, tag));
}

Resolution RosterIndex::resolve(std::string_view local_part) const {
  auto found = find_with_tag(lower_case(local_part));
  if (!found.known() && catch_all_) return {RecipientKind::catch_all, {}, {*catch_all_}};
  return found;
}

std::vector<std::string> RosterIndex::expand(std::string_view local_part) const {
  const auto first = resolve(local_part);
  std::vector<std::string> reached;
  std::unordered_set<std::string> seen;
  // Depth first, so that the order is the one in which a person reads the aliases.
  std::vector<std::pair<std::string, std::string>> open;  // target, the alias that names it
  const auto push = [&open](const Resolution& step) {
    for (auto target = step.targets.rbegin(); target != step.targets.rend(); ++target) {
      open.emplace_back(*target, step.name);
    }
  };
  if (first.kind == RecipientKind::account) return first.targets;
  push(first);
  while (!open.empty()) {
    const auto [target, by] = std::move(open.back());
    open.pop_back();
    const bool own_account = target == by && accounts_.contains(target);
    if (!seen.insert(own_account ? target + "@" : target).second) continue;
    if (is_outside(target) || own_account) {
      reached.push_back(target);
      continue;
    }
    const auto step = find_with_tag(target);
    if (step.kind == RecipientKind::account) open.emplace_back(step.name, step.name);
    if (step.kind == RecipientKind::alias) push(step);
  }
  return reached;
}

Resolution resolve(const Roster& roster, std::string_view local_part) {
  return RosterIndex(roster).resolve(local_part);
}

}  // namespace mxswitch::orchestrator
