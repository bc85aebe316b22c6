#include <algorithm>

#include "dashboards/views/json.h"
#include "dashboards/views/json_values.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

// What one gate says, for the parts of the snapshot that are a gate's evidence.
json gate_part(const Snapshot& snapshot, std::string_view id) {
  const auto found = std::ranges::find(snapshot.gates, id, &GateResult::id);
  if (found == snapshot.gates.end()) {
    return {{"verdict", "unknown"}, {"why", "not judged yet"}, {"evidence", nullptr}};
  }
  return {{"verdict", orchestrator::to_text(found->verdict)},
          {"why", found->why},
          {"evidence", found->evidence}};
}

json fault_json(const Snapshot& snapshot) {
  if (!snapshot.fault) return nullptr;
  const auto& fault = *snapshot.fault;
  return {{"gate", fault.gate},
          {"cause", fault.cause},
          {"meanwhile", fault.meanwhile},
          {"turn", orchestrator::to_text(fault.turn)},
          {"dns_done_at", time_or_null(fault.dns_done_at)},
          {"line", orchestrator::fault_line(snapshot.domain, fault, snapshot.at)}};
}

json node_json(const orchestrator::RelayNodeView& node) {
  return {{"id", node.id},
          {"reachable", node.reachable},
          {"mode", node.mode},
          {"generation", node.generation},
          {"in_force", node.in_force},
          {"route_seen_at", time_or_null(node.route_seen_at)},
          {"accepted", node.accepted},
          {"forwarded", node.forwarded},
          {"hosted", node.hosted},
          {"rejected", node.rejected},
          {"queued", node.queued},
          {"error", node.error},
          {"observed_at", time_or_null(node.observed_at)}};
}

json relay_json(const orchestrator::RelayView& relay) {
  json nodes = json::array();
  for (const auto& node : relay.nodes) nodes.push_back(node_json(node));
  return {{"name", relay.name},        {"driver", relay.driver},
          {"desired", relay.desired},  {"observed", relay.observed},
          {"nodes", std::move(nodes)}, {"generation", relay.generation}};
}

json overrides_json(const Snapshot& snapshot) {
  json out = json::array();
  for (const auto& o : snapshot.overrides) {
    out.push_back({{"gate", o.gate},
                   {"reason", o.reason},
                   {"author", o.author},
                   {"digest", o.digest},
                   {"at", time_or_null(o.at)},
                   {"expires_at", time_or_null(o.expires_at)}});
  }
  return out;
}

json waivers_json(const Snapshot& snapshot) {
  json out = json::array();
  for (const auto& w : snapshot.waivers) {
    out.push_back({{"resolver", w.resolver},
                   {"owner", w.owner},
                   {"reason", w.reason},
                   {"author", w.author},
                   {"at", time_or_null(w.at)},
                   {"until_at", time_or_null(w.until)}});
  }
  return out;
}

json roster_json(const orchestrator::RosterView& roster) {
  return {{"missing", {{"accounts", roster.missing_accounts}, {"aliases", roster.missing_aliases}}},
          {"extra", {{"accounts", roster.extra_accounts}, {"aliases", roster.extra_aliases}}},
          {"uncovered", roster.uncovered},
          {"files", {{"accounts", roster.accounts_file}, {"aliases", roster.aliases_file}}},
          {"digest", roster.digest}};
}

json contact_json(const Snapshot& snapshot) {
  json channels = json::array();
  for (const auto& c : snapshot.contact) {
    channels.push_back({{"channel", c.channel},
                        {"address", c.address},
                        {"acknowledged", c.acknowledged},
                        {"last_delivery_ok", c.last_delivery_ok},
                        {"last_delivery_at", time_or_null(c.last_delivery_at)}});
  }
  json out = gate_part(snapshot, "contact");
  out["channels"] = std::move(channels);
  return out;
}

// The gate's verdict, whom each view lets pass, and the record as each server has it.
json spf_json(const Snapshot& snapshot) {
  json out = gate_part(snapshot, "spf");
  out["text"] = spf_text_json(snapshot.report);
  out["matrix"] = snapshot.spf ? spf_matrix_json(*snapshot.spf) : json();
  out["other_matrices"] = json::array();
  for (const auto& matrix : snapshot.other_spf)
    out["other_matrices"].push_back(spf_matrix_json(matrix));
  return out;
}

// Of the domain with its other owners.
std::int64_t queries_per_day(const Snapshot& snapshot) {
  double queries = snapshot.report.queries_a_day;
  for (const auto& report : snapshot.other_owners) queries += report.queries_a_day;
  return static_cast<std::int64_t>(queries);
}

json other_owners_json(const Snapshot& snapshot) {
  json out = json::array();
  for (const auto& report : snapshot.other_owners) out.push_back(to_json(report));
  return out;
}

}  // namespace

json to_json(const GateResult& gate) {
  return {{"id", gate.id},
          {"verdict", orchestrator::to_text(gate.verdict)},
          {"turn", orchestrator::to_text(gate.turn)},
          {"open", gate.open()},
          {"why", gate.why},
          {"evidence", gate.evidence},
          {"observed_at", time_or_null(gate.observed_at)},
          {"valid_for_s", std::chrono::duration_cast<seconds>(gate.valid_for).count()},
          {"overridable", gate.overridable},
          {"overridden", gate.overridden},
          {"earliest_at", time_or_null(gate.earliest)}};
}

json gates_json(const Snapshot& snapshot) {
  json out = json::array();
  for (const auto& gate : snapshot.gates) out.push_back(to_json(gate));
  return out;
}

json history_json(const Snapshot& snapshot) {
  json out = json::array();
  for (const auto& entry : snapshot.history) {
    out.push_back({{"at", time_or_null(entry.at)},
                   {"who", entry.who},
                   {"what", entry.what},
                   {"why", entry.why},
                   {"evidence", entry.evidence}});
  }
  return out;
}

json freeze_or_null(const Snapshot& snapshot) {
  if (!snapshot.freeze) return nullptr;
  const orchestrator::FreezeView& freeze = *snapshot.freeze;
  return {{"author", freeze.author},
          {"reason", freeze.reason},
          {"since_at", time_or_null(freeze.since)},
          {"by_rollback", freeze.by_rollback},
          {"text", freeze.text}};
}

json summary_json(const Snapshot& snapshot) {
  return {{"domain", snapshot.domain},
          {"generation", snapshot.generation},
          {"sequence", snapshot.sequence},
          {"at", time_or_null(snapshot.at)},
          {"state", orchestrator::to_text(snapshot.state)},
          {"state_since_at", time_or_null(snapshot.state_since)},
          {"verdict", monitor::to_text(snapshot.report.verdict)},
          {"ready", headline_of(snapshot).tone == "ready"},
          {"headline", headline_of(snapshot).word},
          {"turn", orchestrator::to_text(snapshot.turn)},
          {"fault", fault_json(snapshot)},
          {"blocked_by", snapshot.blocked_by},
          {"waiting_for", waits_for(snapshot)},
          {"next_change_at", time_or_null(snapshot.next_change_at)},
          {"operation", snapshot.operation},
          {"queries_per_day", queries_per_day(snapshot)},
          {"stretched", snapshot.report.stretched},
          {"plan_digest", snapshot.plan_digest},
          {"frozen", snapshot.frozen},
          {"freeze", freeze_or_null(snapshot)}};
}

json to_json(const Snapshot& snapshot) {
  json out = summary_json(snapshot);
  const PropagationReport& report = snapshot.report;
  out["expected"] = report.expected.text();
  out["old"] = old_sets_text(report);
  out["reasons"] = reasons_json(report.reasons);
  out["warnings"] = report.warnings;
  out["except"] = report.waivers;
  out["change_started_at"] = time_or_null(report.change_started_at);
  out["conditions"] = conditions_json(report);
  out["authority"] = authority_json(report);
  out["drain"] = drain_json(report);
  out["evidence"] = evidence_json(report);
  out["resolvers"] = resolvers_json(report);
  out["other_owners"] = other_owners_json(snapshot);
  out["spf"] = spf_json(snapshot);
  out["mta_sts"] = gate_part(snapshot, "mta-sts");
  out["gates"] = gates_json(snapshot);
  out["relay"] = relay_json(snapshot.relay);
  out["overrides"] = overrides_json(snapshot);
  out["waivers"] = waivers_json(snapshot);
  out["approvals"] = snapshot.approvals;
  out["roster"] = roster_json(snapshot.roster);
  out["flow"] = gate_part(snapshot, "flow");
  out["contact"] = contact_json(snapshot);
  out["eta"] = eta_json(report);
  out["history"] = history_json(snapshot);
  return out;
}

}  // namespace mxswitch::dashboards
