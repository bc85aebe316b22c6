// Gate `spf`: by result. Whom the record lets pass at the authorities and at every counted
// resolver, as monitor/propagation/spf_matrix found it.

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

}  // namespace

GateResult judge_spf(const SpfFacts& facts, const GatePlan& plan, Time now) {
  if (!plan.spf_asked) {
    return make("spf", GateVerdict::not_asked, "the plan has no [spf]", now, judging::kQuarter);
  }
  if (judging::never(facts.observed_at)) {
    return make("spf", GateVerdict::unknown, "no SPF record was asked for yet", Time{},
                judging::kQuarter);
  }
  const monitor::SpfMatrix& matrix = facts.matrix;
  GateResult r =
      make("spf", verdict_of(matrix.state), matrix.why, facts.observed_at, judging::kQuarter);
  r.evidence = {{"authorities", matrix.authorities},
                {"resolvers", matrix.resolvers},
                {"silent", matrix.silent},
                {"errors", matrix.errors},
                {"warnings", matrix.warnings},
                {"unknowns", matrix.unknowns},
                {"texts", matrix.texts},
                {"results", matrix.results},
                {"views", matrix.views}};
  if (matrix.state == SpfState::wrong && waits_for_caches(matrix)) r.earliest = matrix.converges_at;
  return judging::aged(std::move(r), now);
}

}  // namespace mxswitch::orchestrator
