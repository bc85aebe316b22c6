#include "dashboards/views/json.h"
#include "dashboards/views/json_values.h"
#include "probes/base/json_text.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

json sets_json(const std::vector<monitor::MxSet>& sets) {
  json out = json::array();
  for (const auto& set : sets) out.push_back(set.text());
  return out;
}

json server_json(const AuthorityReport& a) {
  return {{"server", a.server.text()},
          {"address", a.endpoint.text()},
          {"nsid", a.nsid},
          {"class", sign_of(a.last_class).word},
          {"set", a.set.text()},
          {"ttl_s", a.ttl},
          {"serial", a.serial ? json(*a.serial) : json()},
          {"authoritative", a.authoritative},
          {"reach", to_text(a.reach)},
          {"new_rounds", a.new_rounds},
          {"new_since_at", time_or_null(a.new_since)},
          {"last_at", time_or_null(a.last_at)},
          {"rtt_ms", a.rtt.count()},
          {"note", a.note}};
}

json obligation_json(const monitor::Obligation& o) {
  return {{"kind", to_text(o.kind)}, {"set", o.what.empty() ? o.set.text() : o.what},
          {"endpoint", o.endpoint},  {"ended_at", time_or_null(o.ended_at)},
          {"ttl_s", o.ttl.count()},  {"until_at", time_or_null(o.until)},
          {"evidence", o.evidence}};
}

json caches_json(const ResolverReport& resolver) {
  json out = json::array();
  for (const auto& cache : resolver.caches) {
    out.push_back({{"nsid", cache.nsid},
                   {"class", sign_of(cache.last_class).word},
                   {"warm", cache.warm},
                   {"expires_at", time_or_null(cache.expires_at)}});
  }
  return out;
}

json resolver_json(const ResolverReport& r) {
  return {{"address", r.endpoint.text()},
          {"operator", r.operator_name},
          {"name", r.name},
          {"place", r.place},
          {"country", r.country_code},
          {"latitude", r.latitude},
          {"longitude", r.longitude},
          {"anycast", r.anycast},
          {"class", sign_of(r).word},
          {"last_class", sign_of(r.last_class).word},
          {"set", r.set.text()},
          {"ttl_s", r.ttl},
          {"expires_at", time_or_null(r.expires_at)},
          {"caches", caches_json(r)},
          {"new_samples", r.new_samples},
          {"wanted_samples", r.wanted_samples},
          {"counted", r.counted},
          {"warm", r.warm},
          {"stretcher", r.stretcher},
          {"violator", r.violator},
          {"waived", r.waived},
          {"excluded", r.excluded},
          {"last_at", time_or_null(r.last_at)},
          {"rtt_ms", r.rtt.count()},
          {"reason", r.reason}};
}

json condition_json(const monitor::Condition& condition) {
  return {{"holds", to_text(condition.holds)}, {"reasons", reasons_json(condition.reasons)}};
}

}  // namespace

json reasons_json(const std::vector<monitor::Reason>& reasons) {
  json out = json::array();
  for (const auto& reason : reasons) {
    out.push_back(
        {{"code", reason.code}, {"text", reason.text}, {"until_at", time_or_null(reason.until)}});
  }
  return out;
}

json authority_json(const PropagationReport& report) {
  json servers = json::array();
  for (const auto* authority : authorities_worst_first(report)) {
    servers.push_back(server_json(*authority));
  }
  return {{"consistent", report.authorities_consistent}, {"servers", std::move(servers)}};
}

json drain_json(const PropagationReport& report) {
  json obligations = json::array();
  for (const auto& obligation : report.obligations) {
    obligations.push_back(obligation_json(obligation));
  }
  return {{"started_at", time_or_null(report.drain_started_at)},
          {"strict_until", time_or_null(report.strict_until)},
          {"opens_at", time_or_null(report.opens_at)},
          {"stale_until", time_or_null(report.stale_until)},
          {"obligations", std::move(obligations)},
          {"assumed", report.drain_assumed},
          {"stale_allowance", report.stale_allowance}};
}

json evidence_json(const PropagationReport& report) {
  json by_class = json::object();
  for (const auto& sign : all_signs()) by_class[sign.word] = count_of(report, sign.word);
  const auto& bound = report.stale_share_upper;
  return {{"counted", report.counted},
          {"warm", report.warm},
          {"cold", report.cold},
          {"stale", report.stale},
          {"operators", report.operators},
          {"countries", report.countries},
          {"stale_share_upper", bound ? json(*bound) : json()},
          // The level at which stale_share_upper is a bound; none without a warm cache.
          {"confidence", bound ? json(0.95) : json()},
          {"by_class", std::move(by_class)}};
}

json resolvers_json(const PropagationReport& report) {
  json out = json::array();
  for (const auto* resolver : worst_first(report)) out.push_back(resolver_json(*resolver));
  return out;
}

json conditions_json(const PropagationReport& report) {
  return {{"a", condition_json(report.a)},
          {"b", condition_json(report.b)},
          {"c", condition_json(report.c)},
          {"d", condition_json(report.d)}};
}

json to_json(const PropagationReport& report) {
  return {{"domain", report.owner.text()},
          {"expected", report.expected.text()},
          {"old_sets", sets_json(report.old_sets)},
          {"at", time_or_null(report.at)},
          {"verdict", monitor::to_text(report.verdict)},
          {"ready", report.ready()},
          {"reasons", reasons_json(report.reasons)},
          {"waivers", report.waivers},
          {"warnings", report.warnings},
          {"next_change_at", time_or_null(report.next_change_at)},
          {"change_started_at", time_or_null(report.change_started_at)},
          {"ready_from", time_or_null(report.ready_from)},
          {"conditions", conditions_json(report)},
          {"authority", authority_json(report)},
          {"drain", drain_json(report)},
          {"eta", eta_json(report)},
          {"evidence", evidence_json(report)},
          {"resolvers", resolvers_json(report)}};
}

std::string json_line(const json& value) { return json_text(value); }

}  // namespace mxswitch::dashboards
