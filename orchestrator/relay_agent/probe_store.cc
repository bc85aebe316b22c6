// The probes' table.
#include "orchestrator/relay_agent/columns.h"
#include "orchestrator/relay_agent/store.h"

namespace mxswitch::orchestrator {
namespace {

ProbeKind kind_from(const std::string& text) {
  if (text == "hosted") return ProbeKind::hosted;
  return text == "forward" ? ProbeKind::forward : ProbeKind::inbound;
}

ProbeResult result_from(const std::string& text) {
  for (const auto r : {ProbeResult::accepted, ProbeResult::delivered, ProbeResult::refused,
                       ProbeResult::expired}) {
    if (text == to_text(r)) return r;
  }
  return ProbeResult::waiting;
}

}  // namespace

void save_probe(monitor::Transaction& transaction, const std::string& domain, const Probe& probe) {
  transaction.execute(
      "INSERT OR REPLACE INTO relay_probes (id, domain, kind, address, node, expires_at, result,"
      " accepted_at, delivered_at, reply) VALUES (?,?,?,?,?,?,?,?,?,?)",
      {probe.id, domain, std::string(to_text(probe.kind)), probe.address, probe.node,
       column_value(probe.expires_at), std::string(to_text(probe.result)),
       column_value(probe.accepted_at), column_value(probe.delivered_at),
       column_value(probe.reply)});
}

std::vector<KeptProbe> load_probes(monitor::Transaction& transaction) {
  std::vector<KeptProbe> probes;
  for (const auto& row :
       transaction.query("SELECT domain, id, kind, address, node, expires_at, result, accepted_at,"
                         " delivered_at, reply FROM relay_probes")) {
    Probe probe;
    probe.id = row.text(1);
    probe.kind = kind_from(row.text(2));
    probe.address = row.text(3);
    probe.node = row.text(4);
    probe.expires_at = column_time(row, 5);
    probe.result = result_from(row.text(6));
    probe.accepted_at = column_optional_time(row, 7);
    probe.delivered_at = column_optional_time(row, 8);
    if (!row.is_null(9)) probe.reply = row.text(9);
    probes.push_back({row.text(0), std::move(probe)});
  }
  return probes;
}

void forget_probes(monitor::Transaction& transaction, Time before) {
  transaction.execute("DELETE FROM relay_probes WHERE expires_at < ?", {column_value(before)});
}

}  // namespace mxswitch::orchestrator
