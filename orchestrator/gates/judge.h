// The judgement of every gate of SWITCHOVER.md section 3. Pure; `now` only ages the facts.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/gates/facts.h"
#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

// `unanswered`: see Facts.
GateResult judge_authority(const std::vector<ReportPtr>& reports, const GatePlan& plan, Time now,
                           const std::vector<std::string>& unanswered = {});
GateResult judge_propagation(const std::vector<ReportPtr>& reports, const GatePlan& plan, Time now);
// Of the owners, the domain first.
GateResult judge_spf(const std::vector<SpfFacts>& owners, const GatePlan& plan, Time now);
// `spf`: alignment by SPF is one of DMARC's two ways.
GateResult judge_outbound(const OutboundFacts& facts, const std::vector<SpfFacts>& spf,
                          const GatePlan& plan, Time now);
GateResult judge_mta_sts(const MtaStsFacts& facts, const GatePlan& plan, Time now);
GateResult judge_relay(const RelayFacts& facts, const GatePlan& plan, Time now);
GateResult judge_old_server(const OldServerFacts& facts, const GatePlan& plan, Time now);
GateResult judge_flow(const FlowFacts& facts, const GatePlan& plan, Time now);
GateResult judge_accounts(const RosterFacts& facts, const GatePlan& plan, Time now);
GateResult judge_aliases(const RosterFacts& facts, const GatePlan& plan, Time now);
GateResult judge_contact(const ContactFacts& facts, const GatePlan& plan, Time now);
GateResult judge_operator(const OperatorFacts& facts, const GatePlan& plan, Time now);

// One gate, one digest, an author, a reason and an end.
struct GateOverride {
  std::string gate, digest, author, reason;
  Time expires_at{};
};

// False for `relay` and `operator`, and for a name that is no gate.
bool is_overridable(std::string_view gate);
bool is_gate(std::string_view gate);
const std::vector<std::string>& gate_ids();  // in the order of the table

// Every gate, in the order of the table, with the overrides that hold at `now` for this plan's
// digest. An exception in a gate is a bug of ours: that gate is then `unknown` and says so.
std::vector<GateResult> judge_all(const Facts& facts, const GatePlan& plan,
                                  const std::vector<GateOverride>& overrides, Time now);

// The ids of gates that are not open. `operator` is left out unless asked for: it opens only
// after the command, so nothing could ever be ready with it.
std::vector<std::string> closed_gates(const std::vector<GateResult>& gates, bool with_operator);

}  // namespace mxswitch::orchestrator
