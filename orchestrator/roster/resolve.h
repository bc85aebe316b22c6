// What becomes of a recipient at the hosted side, by the roster alone. Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

enum class RecipientKind { account, alias, catch_all, unknown };
std::string_view to_text(RecipientKind k);

struct Resolution {
  RecipientKind kind = RecipientKind::unknown;
  std::string name;  // the account or alias that it is, without +tag; empty for the other two
  // One step: an account is itself; an alias or the catch-all are its targets, local names
  // ("mary") or outside addresses. An alias that names itself means its own account.
  std::vector<std::string> targets;

  bool known() const { return kind != RecipientKind::unknown; }
};

// A roster made ready for many look-ups. Immutable, so any number of threads may read it. An
// alias domain (`same_as`) has no names of its own: ask the index of the domain it names.
class RosterIndex {
 public:
  RosterIndex() = default;
  explicit RosterIndex(const Roster& roster);

  // `local_part` as it came in RCPT; case and +tag do not matter. A name that equals an entry
  // with its tag wins over the one without; a tag is made of what a name may hold.
  Resolution resolve(std::string_view local_part) const;

  // All steps: the accounts (local names) and outside addresses that it reaches in the end, each
  // once, in the order of the first path to it. Empty for unknown names. Loops, which no
  // accepted roster has, end at what was seen before.
  std::vector<std::string> expand(std::string_view local_part) const;

  bool empty() const { return accounts_.empty() && aliases_.empty() && !catch_all_; }

 private:
  Resolution find(const std::string& name) const;
  Resolution find_with_tag(const std::string& name) const;

  std::unordered_set<std::string> accounts_;
  std::unordered_map<std::string, std::vector<std::string>> aliases_;
  std::optional<std::string> catch_all_;
  std::optional<std::string> delimiter_;
};

// The same for one look-up; `resolve(r, n)` is `RosterIndex(r).resolve(n)`.
Resolution resolve(const Roster& roster, std::string_view local_part);

}  // namespace mxswitch::orchestrator
