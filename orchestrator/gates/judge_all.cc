#include <algorithm>
#include <exception>
#include <functional>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

GateResult guarded(const std::string& id, const std::function<GateResult()>& judge, Time now) {
  std::string thrown;
  try {
    return judge();
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "an exception of no known type";
  }
  GateResult result =
      judging::make(id, GateVerdict::unknown,
                    "this gate failed to judge, which is a bug: " + thrown, now, judging::kQuarter);
  result.evidence["bug"] = true;
  result.turn = Turn::operator_;
  return result;
}

void apply(GateResult& gate, const std::vector<GateOverride>& overrides, const std::string& digest,
           Time now) {
  gate.overridable = is_overridable(gate.id);
  if (!gate.overridable || gate.open()) return;
  gate.overridden = std::ranges::any_of(overrides, [&](const GateOverride& o) {
    return o.gate == gate.id && o.digest == digest && !digest.empty() && now < o.expires_at;
  });
  if (gate.overridden) gate.turn = Turn::none;
}

}  // namespace

const std::vector<std::string>& gate_ids() {
  static const std::vector<std::string> ids = {
      "authority",  "propagation", "spf",      "outbound", "mta-sts", "relay",
      "old-server", "flow",        "accounts", "aliases",  "contact", "operator"};
  return ids;
}

bool is_gate(std::string_view gate) {
  return std::ranges::find(gate_ids(), gate) != gate_ids().end();
}

bool is_overridable(std::string_view gate) {
  return is_gate(gate) && gate != "relay" && gate != "operator";
}

std::vector<GateResult> judge_all(const Facts& facts, const GatePlan& plan,
                                  const std::vector<GateOverride>& overrides, Time now) {
  const std::vector<std::function<GateResult()>> judges = {
      [&] { return judge_authority(facts.reports, plan, now, facts.unanswered); },
      [&] { return judge_propagation(facts.reports, plan, now); },
      [&] { return judge_spf(facts.spf, plan, now); },
      [&] { return judge_outbound(facts.outbound, facts.spf, plan, now); },
      [&] { return judge_mta_sts(facts.mta_sts, plan, now); },
      [&] { return judge_relay(facts.relay, plan, now); },
      [&] { return judge_old_server(facts.old_server, plan, now); },
      [&] { return judge_flow(facts.flow, plan, now); },
      [&] { return judge_accounts(facts.roster, plan, now); },
      [&] { return judge_aliases(facts.roster, plan, now); },
      [&] { return judge_contact(facts.contact, plan, now); },
      [&] { return judge_operator(facts.operator_, plan, now); },
  };
  std::vector<GateResult> gates;
  for (std::size_t i = 0; i < judges.size(); ++i) {
    gates.push_back(guarded(gate_ids()[i], judges[i], now));
    apply(gates.back(), overrides, plan.digest, now);
  }
  return gates;
}

std::vector<std::string> closed_gates(const std::vector<GateResult>& gates, bool with_operator) {
  std::vector<std::string> closed;
  for (const GateResult& gate : gates) {
    if (!gate.open() && (with_operator || gate.id != "operator")) closed.push_back(gate.id);
  }
  return closed;
}

}  // namespace mxswitch::orchestrator
