// SPF in the JSON view: whom each view lets pass.
#include "dashboards/views/json_values.h"
#include "dashboards/views/spf_trace.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

json servers_json(const monitor::SpfRow& row) {
  json out = json::array();
  for (const auto& server : row.servers)
    out.push_back({{"source", server.from_authority ? "authority" : "resolver"},
                   {"server", server.name},
                   {"address", server.endpoint.text()},
                   {"expires_at", time_or_null(server.expires_at)}});
  return out;
}

json results_json(const monitor::SpfRow& row) {
  json out = json::array();
  for (const auto& cell : row.cells)
    out.push_back({{"result", probes::spf::to_text(cell.result)},
                   {"why", cell.why},
                   {"lookups", cell.lookups},
                   {"voids", cell.voids},
                   {"trace", cell.trace ? trace_json(*cell.trace) : json()}});
  return out;
}

json row_json(const monitor::SpfRow& row) {
  json terms = json::array(), faults = json::array();
  for (const auto& term : row.terms)
    terms.push_back({{"term", term.term}, {"effect", to_text(term.effect)}, {"why", term.why}});
  for (const auto& fault : row.faults)
    faults.push_back(
        {{"level", to_text(fault.level)}, {"code", fault.code}, {"text", fault.sentence()}});
  return {{"servers", servers_json(row)}, {"state", to_text(row.state)},
          {"evaluated", row.evaluated},   {"record", row.record},
          {"texts", row.texts},           {"results", results_json(row)},
          {"terms", std::move(terms)},    {"faults", std::move(faults)}};
}

}  // namespace

json spf_matrix_json(const monitor::SpfMatrix& matrix) {
  json senders = json::array(), rows = json::array();
  for (const auto& sender : matrix.senders)
    senders.push_back({{"role", to_text(sender.role)}, {"ip", sender.ip.text()}});
  for (const auto& row : matrix.rows) rows.push_back(row_json(row));
  return {{"owner", matrix.owner},
          {"state", to_text(matrix.state)},
          {"sends_nothing", matrix.sends_nothing},
          {"why", matrix.why},
          {"switched", matrix.switched},
          {"senders", std::move(senders)},
          {"rows", std::move(rows)},
          {"errors", matrix.errors},
          {"warnings", matrix.warnings},
          {"unknowns", matrix.unknowns},
          {"texts", matrix.texts},
          {"results", matrix.results},
          {"views", matrix.views},
          {"converges_at", time_or_null(matrix.converges_at)},
          {"observed_at", time_or_null(matrix.observed_at)}};
}

}  // namespace mxswitch::dashboards
