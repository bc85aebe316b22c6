// Gate `spf`: by result. Whom the record lets pass at the authorities and at every counted
// resolver, as monitor/propagation/spf_matrix found it; of every owner of the plan.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;
using monitor::SpfState;

// Time alone mends it only where the authorities publish what is wanted already.
bool waits_for_caches(const monitor::SpfMatrix& matrix) {
  return std::ranges::none_of(matrix.rows, [](const monitor::SpfRow& row) {
    return row.authorities > 0 && row.state != SpfState::right;
  });
}

// What the customer has not published yet, as against what is broken: a record that is not a valid
// one, or that takes away what passes today.
bool is_not_done_yet(const monitor::SpfFault& fault) {
  for (const auto code : {"no-record", "new-sender", "required", "stranger"}) {
    if (fault.code == code) return true;
  }
  return fault.level != monitor::SpfFault::Level::error;
}

GateVerdict verdict_of(const monitor::SpfMatrix& matrix) {
  if (matrix.state == SpfState::right) return GateVerdict::pass;
  if (matrix.state == SpfState::unknown) return GateVerdict::unknown;
  const bool broken = std::ranges::any_of(matrix.rows, [](const monitor::SpfRow& row) {
    return row.authorities > 0 && !std::ranges::all_of(row.faults, is_not_done_yet);
  });
  return broken ? GateVerdict::fail : GateVerdict::waits;
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
  GateResult r = make("spf", verdict_of(matrix), matrix.why, facts.observed_at, judging::kQuarter);
  r.evidence = evidence_of(matrix);
  if (matrix.state == SpfState::wrong) {
    if (waits_for_caches(matrix))
      r.earliest = matrix.converges_at;
    else
      r.turn = Turn::customer;
  }
  return judging::aged(std::move(r), now);
}

int rank(GateVerdict verdict) {
  if (verdict == GateVerdict::fail) return 0;
  if (verdict == GateVerdict::waits) return 1;
  return verdict == GateVerdict::pass ? 3 : 2;
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
    entry.update({{"owner", one.owner},
                  {"verdict", to_text(result.verdict)},
                  {"turn", to_text(result.turn)},
                  {"why", result.why}});
    list.push_back(std::move(entry));
    made.observed_at = std::min(made.observed_at, result.observed_at);
    if (rank(result.verdict) != rank(made.verdict)) continue;
    lines.push_back(fmt::format("{}: {}", one.owner, result.why));
    if (result.turn != Turn::time) made.turn = result.turn;
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
