#include "monitor/propagation/one_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

struct Seen {
  std::string label;
  std::set<AnswerClass> classes;  // conclusive ones
  MxSet other;                    // the newest set that was not expected
  bool through_cname = false;
};

AnswerClass worst_of(const Seen& seen) {
  if (seen.classes.empty()) return AnswerClass::failed;
  AnswerClass worst = *seen.classes.begin();
  for (const AnswerClass c : seen.classes) worst = worse(worst, c);
  return worst;
}

void note(Seen& seen, AnswerClass found, const MxSet& set) {
  if (found == AnswerClass::failed) return;
  seen.classes.insert(found);
  if (found != AnswerClass::new_) seen.other = set;
}

template <class Key>
LookCounts count(const std::map<Key, Seen>& all) {
  LookCounts counts;
  for (const auto& [key, seen] : all) {
    ++counts.asked;
    const bool split = seen.classes.size() > 1;
    counts.split += split ? 1 : 0;
    ++counts.by_class[split ? AnswerClass::mixed : worst_of(seen)];
  }
  return counts;
}

template <class Key>
void list_others(const std::map<Key, Seen>& all, std::string_view kind,
                 std::vector<Reason>& reasons) {
  for (const auto& [key, seen] : all) {
    const AnswerClass worst = worst_of(seen);
    if (worst == AnswerClass::new_ || worst == AnswerClass::failed) continue;
    const bool split = seen.classes.count(AnswerClass::new_) != 0;
    reasons.push_back({fmt::format("{}-{}", kind, to_text(worst)),
                       fmt::format("{} {} {}", seen.label, split ? "also answers" : "answers",
                                   set_text(seen.other)),
                       {}});
  }
}

template <class Key>
void list_aliased(const std::map<Key, Seen>& all, std::vector<Reason>& reasons) {
  for (const auto& [key, seen] : all)
    if (seen.through_cname)
      reasons.push_back({"cname-not-covered",
                         seen.label + " answers through a CNAME, whose zones were not asked",
                         {}});
}

}  // namespace

int LookCounts::of(AnswerClass c) const {
  const auto found = by_class.find(c);
  return found == by_class.end() ? 0 : found->second;
}

OneLook one_look(const MxSet& expected, const std::vector<MxSet>& old_sets,
                 const std::vector<AuthoritySample>& authorities,
                 const std::vector<ResolverSample>& resolvers) {
  const Classifier classes(expected, old_sets);
  std::map<std::pair<DnsName, Endpoint>, Seen> servers;
  for (const AuthoritySample& sample : authorities) {
    Seen& seen = servers[{sample.server, sample.endpoint}];
    seen.label = fmt::format("{} ({})", sample.server.text(), sample.endpoint.text());
    seen.through_cname = seen.through_cname || sample.through_cname;
    if (sample.authoritative) note(seen, classes.of(sample.outcome, sample.set), sample.set);
  }
  std::map<Endpoint, Seen> caches;
  for (const ResolverSample& sample : resolvers) {
    Seen& seen = caches[sample.resolver];
    seen.label = sample.resolver.text();
    seen.through_cname = seen.through_cname || sample.through_cname;
    note(seen, classes.of(sample.outcome, sample.set), sample.set);
  }

  OneLook result;
  result.drain =
      "one look can't tell when caches that were not asked let go of the old record: drain not "
      "judged";
  result.authorities = count(servers);
  result.resolvers = count(caches);
  list_others(servers, "authority", result.reasons);
  list_others(caches, "resolver", result.reasons);
  if (!result.reasons.empty()) {
    result.look = Look::not_yet;
    return result;
  }
  for (const auto& [key, seen] : servers)
    if (seen.classes.empty())
      result.reasons.push_back({"authority-failed", seen.label + " gave no usable answer", {}});
  list_aliased(servers, result.reasons);
  list_aliased(caches, result.reasons);
  const int failed = result.resolvers.of(AnswerClass::failed);
  if (failed * 5 > result.resolvers.asked)
    result.reasons.push_back(
        {"resolvers-fail",
         fmt::format("{} of {} resolvers gave no usable answer", failed, result.resolvers.asked),
         {}});
  if (servers.empty() || caches.empty())
    result.reasons.push_back(
        {"not-asked",
         servers.empty() ? "no authoritative server was asked" : "no resolver was asked",
         {}});
  result.look = result.reasons.empty() ? Look::all_new : Look::inconclusive;
  return result;
}

}  // namespace mxswitch::monitor
