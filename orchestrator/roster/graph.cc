#include "orchestrator/roster/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "orchestrator/roster/address.h"
#include "orchestrator/roster/resolve.h"

namespace mxswitch::orchestrator {
namespace {

constexpr const char* kCatchAllName = "@";
constexpr std::size_t kNamesInLoopText = 8;

struct Node {
  std::string domain, name;
  std::vector<std::size_t> targets;  // empty: an account or an outside address
  bool is_alias = false;
};

// Aliases and catch-alls of some domains with what each leads to.
class Graph {
 public:
  explicit Graph(const std::map<std::string, Roster>& by_domain) {
    for (const auto& [domain, roster] : by_domain) {
      indices_.emplace(domain, RosterIndex(roster));
      if (roster.same_as) same_as_[domain] = lower_case(*roster.same_as);
    }
    for (const auto& [domain, roster] : by_domain) add(domain, roster);
  }

  const std::vector<Node>& nodes() const { return nodes_; }

 private:
  void add(const std::string& domain, const Roster& roster) {
    for (const Alias& alias : roster.aliases) {
      connect(domain, lower_case(alias.name), alias.targets);
    }
    if (roster.catch_all) connect(domain, kCatchAllName, {*roster.catch_all});
  }

  void connect(const std::string& domain, const std::string& name,
               const std::vector<std::string>& targets) {
    const std::size_t from = node(domain, name, true);
    for (const std::string& target : targets) {
      const std::size_t to = follow(domain, name, target);
      nodes_[from].targets.push_back(to);
    }
  }

  std::size_t node(const std::string& domain, const std::string& name, bool is_alias) {
    const auto key = fmt::format("{} {}@{}", is_alias ? "alias" : "end", name, domain);
    const auto [found, fresh] = ids_.emplace(key, nodes_.size());
    if (fresh) nodes_.push_back({domain, name, {}, is_alias});
    return found->second;
  }

  // Where mail for `target`, named by the alias `by` of `domain`, goes next.
  std::size_t follow(const std::string& domain, const std::string& by, const std::string& target) {
    if (!is_outside(target)) {
      const auto name = lower_case(target);
      return name == by ? node(domain, name, false) : enter(domain, name, false);
    }
    const auto at = target.rfind('@');
    return enter(home_of(lower_case(target.substr(at + 1))), target.substr(0, at), true);
  }

  // The catch-all takes what comes in by SMTP; a local target that is unknown is a fault.
  std::size_t enter(const std::string& domain, const std::string& name, bool by_address) {
    const auto index = indices_.find(domain);
    if (index == indices_.end()) return node(domain, name, false);
    const auto step = index->second.resolve(name);
    if (step.kind == RecipientKind::alias) return node(domain, step.name, true);
    if (step.kind == RecipientKind::catch_all && by_address)
      return node(domain, kCatchAllName, true);
    return node(domain, step.known() ? step.name : lower_case(name), false);
  }

  std::string home_of(std::string domain) const {
    for (std::size_t step = 0; step <= same_as_.size(); ++step) {
      const auto next = same_as_.find(domain);
      if (next == same_as_.end()) break;
      domain = next->second;
    }
    return domain;
  }

  std::map<std::string, RosterIndex> indices_;
  std::map<std::string, std::string> same_as_;
  std::unordered_map<std::string, std::size_t> ids_;
  std::vector<Node> nodes_;
};

// Finds loops by a depth-first walk with a stack of its own: a chain of aliases may be as long
// as the roster.
class LoopSearch {
 public:
  LoopSearch(const std::vector<Node>& nodes, std::vector<RosterFault>& faults)
      : nodes_(nodes), faults_(faults), marks_(nodes.size(), Mark::fresh) {}

  void run() {
    for (std::size_t start = 0; start < nodes_.size(); ++start) {
      if (marks_[start] == Mark::fresh) walk(start);
    }
  }

 private:
  enum class Mark : char { fresh, open, done };

  void walk(std::size_t start) {
    std::vector<std::size_t> next_target;
    path_ = {start};
    next_target = {0};
    marks_[start] = Mark::open;
    while (!path_.empty()) {
      const Node& node = nodes_[path_.back()];
      if (next_target.back() == node.targets.size()) {
        marks_[path_.back()] = Mark::done;
        path_.pop_back();
        next_target.pop_back();
        continue;
      }
      const std::size_t target = node.targets[next_target.back()++];
      if (marks_[target] == Mark::open) report(target);
      if (marks_[target] != Mark::fresh) continue;
      marks_[target] = Mark::open;
      path_.push_back(target);
      next_target.push_back(0);
    }
  }

  void report(std::size_t target) {
    if (faults_.size() >= kErrorsShown) return;
    const auto first = std::find(path_.begin(), path_.end(), target);
    std::string text;
    std::size_t shown = 0;
    for (auto step = first; step != path_.end() && shown < kNamesInLoopText; ++step, ++shown) {
      text += label(*step, target) + " -> ";
    }
    if (path_.end() - first > static_cast<std::ptrdiff_t>(kNamesInLoopText)) text += "... -> ";
    const Node& node = nodes_[target];
    faults_.push_back({node.domain, node.name,
                       fmt::format("the aliases run in a loop: {}{}", text, label(target, target)),
                       "let one of them end at an account or an outside address"});
  }

  std::string label(std::size_t id, std::size_t home) const {
    const Node& node = nodes_[id];
    if (node.domain == nodes_[home].domain) return node.name;
    return fmt::format("{}@{}", node.name == kCatchAllName ? "" : node.name, node.domain);
  }

  const std::vector<Node>& nodes_;
  std::vector<RosterFault>& faults_;
  std::vector<Mark> marks_;
  std::vector<std::size_t> path_;
};

// Counts what each alias reaches; stops at the limit, so that its cost is bounded too.
void check_expansions(const std::vector<Node>& nodes, std::vector<RosterFault>& faults) {
  std::vector<std::size_t> seen_by(nodes.size(), nodes.size());
  for (std::size_t start = 0; start < nodes.size(); ++start) {
    if (!nodes[start].is_alias || faults.size() >= kErrorsShown) continue;
    std::vector<std::size_t> open = {start};
    seen_by[start] = start;
    std::size_t ends = 0, aliases = 0;
    while (!open.empty() && ends <= kExpansionLimit && aliases <= kExpansionLimit) {
      const std::size_t id = open.back();
      open.pop_back();
      ++(nodes[id].is_alias ? aliases : ends);
      for (const std::size_t target : nodes[id].targets) {
        if (seen_by[target] == start) continue;
        seen_by[target] = start;
        open.push_back(target);
      }
    }
    if (ends <= kExpansionLimit && aliases <= kExpansionLimit) continue;
    faults.push_back({nodes[start].domain, nodes[start].name,
                      fmt::format("expands to more than {} {}", kExpansionLimit,
                                  ends > kExpansionLimit ? "recipients" : "aliases"),
                      "use a mailing list program for lists of this size"});
  }
}

// Names and duplicates of one roster, one entry at a time.
class NameCheck {
 public:
  NameCheck(const std::string& domain, const Roster& roster, std::vector<RosterFault>& faults)
      : domain_(domain), roster_(roster), index_(without_catch_all(roster)), faults_(faults) {}

  void run() {
    std::unordered_map<std::string, int> accounts, aliases;
    for (const Account& account : roster_.accounts) {
      check_name(account.name);
      if (accounts[lower_case(account.name)]++ == 1) refuse(account.name, "the account is twice");
    }
    for (const Alias& alias : roster_.aliases) {
      check_name(alias.name);
      if (aliases[lower_case(alias.name)]++ == 1) refuse(alias.name, "the alias is twice");
      check_targets(alias, accounts.contains(lower_case(alias.name)));
    }
    if (roster_.catch_all) check_target(kCatchAllName, *roster_.catch_all);
    const bool has_names = !roster_.accounts.empty() || !roster_.aliases.empty();
    if (roster_.same_as && (has_names || roster_.catch_all)) {
      refuse(kCatchAllName, "an alias domain (same_as) has names of its own",
             "remove same_as or the names");
    }
  }

 private:
  static RosterIndex without_catch_all(Roster roster) {
    roster.catch_all.reset();
    return RosterIndex(roster);
  }

  void refuse(const std::string& name, std::string what, std::string mend = {}) {
    if (faults_.size() >= kErrorsShown) return;
    faults_.push_back({domain_, name, std::move(what), std::move(mend)});
  }

  void check_name(const std::string& name) {
    const auto normal = normalise_local_part(name);
    if (!normal) return refuse(name, normal.error().what, normal.error().mend);
    if (roster_.delimiter && name.find(*roster_.delimiter) != name.npos) {
      refuse(name, fmt::format("a name cannot hold '{}'", *roster_.delimiter),
             "it begins a tag: mail for joe+tag is mail for joe");
    }
  }

  void check_targets(const Alias& alias, bool is_account) {
    std::unordered_map<std::string, int> seen;
    bool names_itself = false;
    for (const std::string& target : alias.targets) {
      const auto name = lower_case(target);
      names_itself = names_itself || name == lower_case(alias.name);
      if (seen[name]++ == 1) refuse(alias.name, fmt::format("target \"{}\" is twice", target));
      check_target(alias.name, target);
    }
    if (is_account && !names_itself) {
      refuse(
          alias.name, "the alias hides the account of the same name",
          fmt::format("write \"{0}: {0}, ...\" to keep a copy, or remove one of them", alias.name));
    } else if (names_itself && !is_account) {
      refuse(alias.name, "the alias names itself, but there is no such account",
             "add the account or remove the target");
    }
  }

  void check_target(const std::string& at, const std::string& target) {
    const auto normal = normalise_target(target, {});
    if (!normal) return refuse(at, normal.error().what, normal.error().mend);
    if (is_outside(target) || index_.resolve(target).known()) return;
    refuse(at, fmt::format("target \"{}\" is neither an account nor an alias", target),
           "add it, or write a whole address");
  }

  const std::string& domain_;
  const Roster& roster_;
  const RosterIndex index_;
  std::vector<RosterFault>& faults_;
};

}  // namespace

std::vector<RosterFault> check_rosters(const std::map<std::string, Roster>& by_domain) {
  std::vector<RosterFault> faults;
  const Graph graph(by_domain);
  LoopSearch(graph.nodes(), faults).run();
  check_expansions(graph.nodes(), faults);
  return faults;
}

std::vector<RosterFault> check_roster(const std::string& domain, const Roster& roster) {
  std::vector<RosterFault> faults;
  NameCheck(domain, roster, faults).run();
  for (RosterFault& fault : check_rosters({{domain, roster}})) {
    if (faults.size() < kErrorsShown) faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace mxswitch::orchestrator
