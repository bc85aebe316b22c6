// The explanation of a verdict: what the report says, and beside it what each part rests on.
#include <array>

#include "dashboards/views/json.h"
#include "dashboards/views/json_values.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

json times_json(const std::vector<Time>& times) {
  json out = json::array();
  for (const Time t : times) out.push_back(format_time(t));
  return out;
}

json explained_caches(const ResolverReport& resolver) {
  json out = json::array();
  for (const auto& cache : resolver.caches) {
    out.push_back({{"nsid", cache.nsid},
                   {"class", sign_of(cache.last_class).word},
                   {"set", cache.set.text()},
                   {"warm", cache.warm},
                   {"ttl_s", cache.ttl},
                   {"received_at", time_or_null(cache.received_at)},
                   {"expires_at", time_or_null(cache.expires_at)}});
  }
  return out;
}

json explained_resolvers(const PropagationReport& report) {
  json out = json::array();
  for (const auto* r : worst_first(report)) {
    out.push_back({{"address", r->endpoint.text()},
                   {"operator", r->operator_name},
                   {"class", sign_of(*r).word},
                   {"marks", marks_of(*r)},
                   {"reason", r->reason},
                   {"dot", r->dot},
                   {"caches", explained_caches(*r)},
                   {"new_samples", r->new_samples},
                   {"wanted_samples", r->wanted_samples},
                   {"failed_draws_at", times_json(r->failed_draws)},
                   {"e0_at", time_or_null(r->e0)},
                   {"control_at", time_or_null(r->control_at)}});
  }
  return out;
}

json explained_conditions(const PropagationReport& report) {
  struct Named {
    const char *id, *title;
    const monitor::Condition& condition;
  };
  const std::array named = {
      Named{"A", "the authorities agree", report.a},
      Named{"B", "the drain bound has passed", report.b},
      Named{"C", "resolvers were sampled and none holds the old set", report.c},
      Named{"D", "the evidence hangs together", report.d}};
  json out = json::array();
  for (const Named& one : named) {
    out.push_back({{"id", one.id},
                   {"title", one.title},
                   {"holds", to_text(one.condition.holds)},
                   {"reasons", reasons_json(one.condition.reasons)}});
  }
  return out;
}

json assumptions_json(const PropagationReport& report) {
  json out = json::array();
  for (const auto& a : report.assumptions) out.push_back({{"code", a.code}, {"text", a.text}});
  return out;
}

}  // namespace

json explanation_json(const PropagationReport& report) {
  return {{"domain", report.owner.text()},
          {"at", time_or_null(report.at)},
          {"verdict", monitor::to_text(report.verdict)},
          {"conditions", explained_conditions(report)},
          {"authority", authority_json(report)},
          {"drain", drain_json(report)},
          {"evidence", evidence_json(report)},
          {"resolvers", explained_resolvers(report)},
          {"eta", eta_json(report)},
          {"spf", spf_text_json(report)},
          {"assumptions", assumptions_json(report)},
          {"waivers", report.waivers},
          {"warnings", report.warnings}};
}

json explanation_json(const Snapshot& snapshot) {
  json out = explanation_json(snapshot.report);
  json others = json::array();
  for (const auto& report : snapshot.other_owners) others.push_back(explanation_json(report));
  out["other_owners"] = std::move(others);
  return out;
}

}  // namespace mxswitch::dashboards
