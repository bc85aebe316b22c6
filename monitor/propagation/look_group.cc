#include "monitor/propagation/look_group.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::monitor {

void Shown::note(AnswerClass found, const MxSet& set, std::uint32_t its_ttl) {
  classes.insert(found);
  if (found == AnswerClass::new_) return;
  other = set;
  ttl = std::max(ttl, its_ttl);
}

AnswerClass Shown::worst() const {
  if (classes.empty()) return AnswerClass::failed;
  AnswerClass worst = *classes.begin();
  for (const AnswerClass c : classes) worst = worse(worst, c);
  return worst;
}

void LookGroups::add(const Saying& saying, const std::string& who, std::uint32_t ttl) {
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& known) {
    return known.saying.code == saying.code && known.saying.many == saying.many;
  });
  if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{saying, {}, 0});
  group->who.push_back(who);
  group->longest = std::max(group->longest, ttl);
}

std::vector<LookFact> LookGroups::facts(int all) const {
  std::vector<LookFact> facts;
  for (const Group& group : groups_) {
    const bool alone = group.who.size() == 1;
    LookFact fact{group.saying.weight, group.saying.code, "", group.who};
    fact.text = fmt::format("{} of {} {} {}", group.who.size(), all, all == 1 ? one_ : many_,
                            alone ? group.saying.one : group.saying.many);
    if (group.longest > 0 && !group.saying.of_ttl.empty())
      fact.text += fmt::format(" ({} {} s)", group.saying.of_ttl, group.longest);
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace mxswitch::monitor
