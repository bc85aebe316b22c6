// Gate `spf`, as text: one record everywhere, with the required terms in it. Evaluating senders
// is not done here, so a plan that names senders stays `unknown`.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"
#include "probes/spf/terms.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;
using probes::spf::record_has_term;

// One thing that is wrong, as it is said of one server and of several.
struct Fault {
  std::string one, many;
};

std::vector<Fault> faults_at(const SpfSourceFacts& source, const GatePlan& plan) {
  if (source.records.empty()) return {{"has no SPF record", "have no SPF record"}};
  if (source.records.size() > 1) {
    const std::string what =
        fmt::format("{} SPF records, which is an error for every sender", source.records.size());
    return {{"has " + what, "have " + what}};
  }
  std::vector<Fault> faults;
  const std::string& record = source.records.front();
  for (const std::string& wanted : plan.spf_required) {
    if (!record_has_term(record, wanted)) faults.push_back({"lacks " + wanted, "lack " + wanted});
  }
  if (!plan.spf_all.empty() && !record_has_term(record, plan.spf_all)) {
    faults.push_back({"does not end in " + plan.spf_all, "do not end in " + plan.spf_all});
  }
  return faults;
}

// Who has the same fault, so that 28 servers make one sentence.
struct FaultGroup {
  Fault fault;
  std::string first;
  std::size_t authorities = 0, resolvers = 0;

  std::string text() const {
    if (authorities + resolvers == 1) return first + " " + fault.one;
    std::vector<std::string> who;
    if (resolvers > 0)
      who.push_back(fmt::format("{} resolver{}", resolvers, judging::plural(resolvers)));
    if (authorities > 0) {
      who.push_back(fmt::format("{} authorit{}", authorities, authorities == 1 ? "y" : "ies"));
    }
    return fmt::format("{} {}", fmt::join(who, " and "), fault.many);
  }
};

struct Weighed {
  std::vector<FaultGroup> groups;
  std::vector<std::string> faults, silent_authorities, silent_resolvers;
  std::size_t authorities = 0, resolvers = 0;

  void add(const SpfSourceFacts& source, const Fault& fault) {
    faults.push_back(source.source + " " + fault.one);
    auto group =
        std::ranges::find_if(groups, [&](const FaultGroup& g) { return g.fault.one == fault.one; });
    if (group == groups.end()) group = groups.insert(group, {fault, source.source, 0, 0});
    ++(source.authority ? group->authorities : group->resolvers);
  }
  std::string why() const {
    std::vector<std::string> texts;
    for (const FaultGroup& group : groups) texts.push_back(group.text());
    return judging::one_line_of(texts);
  }
};

Weighed weigh(const SpfFacts& facts, const GatePlan& plan) {
  Weighed w;
  for (const SpfSourceFacts& source : facts.sources) {
    ++(source.authority ? w.authorities : w.resolvers);
    if (!source.error.empty()) {
      (source.authority ? w.silent_authorities : w.silent_resolvers)
          .push_back(fmt::format("{}: {}", source.source, source.error));
      continue;
    }
    for (const Fault& fault : faults_at(source, plan)) w.add(source, fault);
  }
  return w;
}

GateResult judge_text(const SpfFacts& facts, const GatePlan& plan) {
  const Weighed w = weigh(facts, plan);
  const auto result = [&](GateVerdict verdict, std::string why) {
    GateResult r = make("spf", verdict, std::move(why), facts.observed_at, judging::kQuarter);
    r.evidence = {{"authorities", w.authorities},
                  {"resolvers", w.resolvers},
                  {"faults", w.faults},
                  {"silent_authorities", w.silent_authorities},
                  {"silent_resolvers", w.silent_resolvers}};
    return r;
  };
  if (!w.faults.empty()) return result(GateVerdict::fail, w.why());
  if (w.authorities == 0) return result(GateVerdict::unknown, "no authority was asked yet");
  if (!w.silent_authorities.empty()) {
    return result(GateVerdict::unknown, judging::some_of(w.silent_authorities));
  }
  // As for MX: failures at up to a fifth of the resolvers are noise (PROPAGATION.md 2 D).
  if (w.resolvers == 0 || w.silent_resolvers.size() * 5 > w.resolvers) {
    return result(GateVerdict::unknown,
                  w.resolvers == 0 ? "no resolver was asked yet"
                                   : "no answer from " + judging::some_of(w.silent_resolvers));
  }
  if (plan.spf_senders) {
    return result(GateVerdict::unknown,
                  "the record is right as text; whether the plan's senders pass is not evaluated");
  }
  return result(
      GateVerdict::pass,
      fmt::format("one record with every required term at {} authorities and {} resolvers",
                  w.authorities, w.resolvers - w.silent_resolvers.size()));
}

}  // namespace

GateResult judge_spf(const SpfFacts& facts, const GatePlan& plan, Time now) {
  if (!plan.spf_asked) {
    return make("spf", GateVerdict::not_asked, "the plan has no [spf]", now, judging::kQuarter);
  }
  if (judging::never(facts.observed_at)) {
    return make("spf", GateVerdict::unknown, "no SPF record was asked for yet", Time{},
                judging::kQuarter);
  }
  return judging::aged(judge_text(facts, plan), now);
}

}  // namespace mxswitch::orchestrator
