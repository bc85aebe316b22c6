// Gate `spf`: by result. Whom the record lets pass at the authorities and at every counted
// resolver, as monitor/propagation/spf_matrix found it; of every owner of the plan.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;
using monitor::SpfState;

GateVerdict verdict_of(SpfState state) {
  switch (state) {
    case SpfState::right:
      return GateVerdict::pass;
    case SpfState::wrong:
      return GateVerdict::fail;
    case SpfState::unknown:
      return GateVerdict::unknown;
  }
  return GateVerdict::unknown;
}

// Time alone mends it only where the authorities publish what is wanted already.
bool waits_for_caches(const monitor::SpfMatrix& matrix) {
  return std::ranges::none_of(matrix.rows, [](const monitor::SpfRow& row) {
    return row.authorities > 0 && row.state != SpfState::right;
  });
}

nlohmann::json evidence_of(const monitor::SpfMatrix& matrix) {
  return {{"authorities", matrix.authorities},
          {"resolvers", matrix.resolvers},
          {"silent", matrix.silent},
          {"errors", matrix.errors},
          {"warnings", matrix.warnings},
          {"unknowns", matrix.unknowns},
          {"texts", matrix.texts},
          {"results", matrix.results},
          {"sends_nothing", matrix.sends_nothing},
          {"views", matrix.views}};
}

GateResult judge_one(const SpfFacts& facts, Time now) {
  if (judging::never(facts.observed_at))
    return make("spf", GateVerdict::unknown, "no SPF record was asked for yet", Time{},
                judging::kQuarter);
  const monitor::SpfMatrix& matrix = facts.matrix;
  GateResult r =
      make("spf", verdict_of(matrix.state), matrix.why, facts.observed_at, judging::kQuarter);
  r.evidence = evidence_of(matrix);
  if (matrix.state == SpfState::wrong && waits_for_caches(matrix)) r.earliest = matrix.converges_at;
  return judging::aged(std::move(r), now);
}

int rank(GateVerdict verdict) {
  if (verdict == GateVerdict::fail) return 0;
  return verdict == GateVerdict::pass ? 2 : 1;
}

struct OwnerResult {
  std::string owner;
  GateResult result;
};

// The worst of all; each owner that is as bad has its line, the first in the order of the plan.
GateResult worst_of(const std::vector<OwnerResult>& owners) {
  const auto worst = std::ranges::min_element(
      owners, {}, [](const OwnerResult& one) { return rank(one.result.verdict); });
  GateResult made = worst->result;
  made.evidence = owners.front().result.evidence;
  std::vector<std::string> lines;
  nlohmann::json list = nlohmann::json::array();
  for (const OwnerResult& one : owners) {
    const GateResult& result = one.result;
    nlohmann::json entry = result.evidence;
    entry.update({{"owner", one.owner}, {"verdict", to_text(result.verdict)}, {"why", result.why}});
    list.push_back(std::move(entry));
    made.observed_at = std::min(made.observed_at, result.observed_at);
    if (rank(result.verdict) != rank(made.verdict)) continue;
    lines.push_back(fmt::format("{}: {}", one.owner, result.why));
    // As long as one of them waits for more than time, nobody knows when.
    if (!result.earliest) made.earliest.reset();
    if (made.earliest) made.earliest = std::max(made.earliest, result.earliest);
  }
  made.why = judging::one_line_of(lines);
  made.evidence["owners"] = std::move(list);
  return made;
}

}  // namespace

GateResult judge_spf(const std::vector<SpfFacts>& owners, const GatePlan& plan, Time now) {
  if (!plan.spf_asked) {
    return make("spf", GateVerdict::not_asked, "the plan has no [spf]", now, judging::kQuarter);
  }
  if (owners.empty()) return judge_one(SpfFacts(), now);
  if (owners.size() == 1) return judge_one(owners.front(), now);
  std::vector<OwnerResult> results;
  for (const SpfFacts& facts : owners) results.push_back({facts.owner, judge_one(facts, now)});
  return worst_of(results);
}

}  // namespace mxswitch::orchestrator
