// Gate `mta-sts`.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {

using judging::make;

namespace {

// Until when senders may refuse the new exchanges by a policy that is no longer published (RFC 8461
// section 3.2); none: by none that was seen.
std::optional<Time> held_until(const MtaStsFacts& facts) {
  if (!facts.gone_at) return std::nullopt;
  if (!facts.policy) return *facts.gone_at + probes::kLongestMaxAge;
  const bool allowed = !facts.exchanges.empty() &&
                       std::ranges::all_of(facts.exchanges, [&](const std::string& exchange) {
                         return probes::allows_exchange(*facts.policy, exchange);
                       });
  if (facts.policy->mode != "enforce" || allowed) return std::nullopt;
  return *facts.gone_at + facts.policy->max_age;
}

std::string words_of_held(const MtaStsFacts& facts, const std::string& domain, Time until) {
  const std::string what =
      facts.policy ? "a policy without the new exchanges" : "a policy that could not be fetched";
  return fmt::format(
      "_mta-sts.{} announced {} until {}; senders may hold it until {} and refuse the new "
      "exchanges: publish one that lists them",
      domain, what, format_time(*facts.gone_at), format_time(until));
}

}  // namespace

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
    return result(GateVerdict::unknown, "the MTA-STS record and TLSA were not asked for yet");
  }
  if (facts.txt_published) {
    return result(GateVerdict::unknown,
                  fmt::format("_mta-sts.{} is published; whether its policy covers the new "
                              "exchanges is not judged: look, then override",
                              plan.domain),
                  Turn::operator_);
  }
  if (const auto until = held_until(facts); until && now < *until) {
    GateResult held = result(GateVerdict::waits, words_of_held(facts, plan.domain, *until));
    held.earliest = until;
    held.evidence["gone_at"] = format_time(*facts.gone_at);
    held.evidence["held_until"] = format_time(*until);
    return judging::aged(std::move(held), now);
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
