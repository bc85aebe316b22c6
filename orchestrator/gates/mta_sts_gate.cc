// Gate `mta-sts`.

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {

using judging::make;

GateResult judge_mta_sts(const MtaStsFacts& facts, const GatePlan& plan, Time now) {
  const auto result = [&](GateVerdict verdict, std::string why,
                          std::optional<Turn> turn = std::nullopt) {
    GateResult r = make("mta-sts", verdict, std::move(why), facts.observed_at, judging::kQuarter);
    if (turn) r.turn = *turn;
    r.evidence = {{"txt_published", facts.txt_published}, {"tlsa_at", facts.tlsa_at}};
    return r;
  };
  if (!facts.error.empty()) return result(GateVerdict::unknown, facts.error);
  if (!facts.txt_asked || !facts.tlsa_asked || judging::never(facts.observed_at)) {
    return result(GateVerdict::unknown, "_mta-sts TXT and TLSA were not asked for yet");
  }
  if (facts.txt_published) {
    return result(GateVerdict::unknown,
                  fmt::format("_mta-sts.{} is published; whether its policy covers the new "
                              "exchanges is not judged: look, then override",
                              plan.domain),
                  Turn::operator_);
  }
  if (!facts.tlsa_at.empty()) {
    return result(GateVerdict::unknown,
                  fmt::format("TLSA at {}; whether it matches the certificate is not judged: look, "
                              "then override",
                              judging::some_of(facts.tlsa_at)),
                  Turn::operator_);
  }
  return judging::aged(result(GateVerdict::pass, "neither an MTA-STS policy nor TLSA is published"),
                       now);
}

}  // namespace mxswitch::orchestrator
