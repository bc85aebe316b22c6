// The parts of the JSON view that speak of what is to come: the forecast, and SPF's convergence.
#include "dashboards/views/json_values.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

json moves_json(const monitor::Forecast& forecast) {
  json out = json::array();
  for (const auto& move : forecast.moves) {
    out.push_back({{"effect", monitor::to_text(move.effect)},
                   {"code", move.code},
                   {"text", move.text},
                   {"until_at", time_or_null(move.until)}});
  }
  return out;
}

json servers_json(const monitor::SpfTextReport& spf) {
  json out = json::array();
  for (const auto& server : spf.servers) {
    out.push_back({{"server", server.server},
                   {"address", server.endpoint.text()},
                   {"authority", server.from_authority},
                   {"verdict", monitor::to_text(server.verdict)},
                   {"record", server.record},
                   {"current", server.current},
                   {"at", time_or_null(server.at)},
                   {"expires_at", time_or_null(server.expires_at)}});
  }
  return out;
}

json targets_json(const monitor::SpfTextReport& spf) {
  json out = json::array();
  for (const auto& target : spf.targets) {
    out.push_back({{"name", target.name},
                   {"why", target.why},
                   {"resolvers", target.resolvers},
                   {"with_record", target.with_record},
                   {"texts", target.texts},
                   {"converges_at", time_or_null(target.converges_at)}});
  }
  return out;
}

}  // namespace

json eta_json(const PropagationReport& report) {
  const auto& forecast = report.forecast;
  const auto& waits = forecast.waits_for;
  return {{"earliest_at", time_or_null(forecast.earliest)},
          {"latest_at", time_or_null(forecast.latest)},
          {"strict_until", time_or_null(report.strict_until)},
          {"advisory_until", time_or_null(report.stale_until)},
          {"assumed", report.drain_assumed},
          {"waits_for", waits.code.empty() ? json() : reasons_json({waits}).front()},
          {"moves", moves_json(forecast)}};
}

json spf_text_json(const PropagationReport& report) {
  if (!report.spf) return {};
  const monitor::SpfTextReport& spf = *report.spf;
  return {{"verdict", monitor::to_text(spf.verdict)},
          {"why", spf.why},
          {"required", spf.required},
          {"views", spf.views},
          {"resolvers", spf.resolvers},
          {"seeing", spf.seeing},
          {"current", spf.current},
          {"converges_at", time_or_null(spf.converges_at)},
          {"servers", servers_json(spf)},
          {"targets", targets_json(spf)}};
}

}  // namespace mxswitch::dashboards
