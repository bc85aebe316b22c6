#include "dashboards/views/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

#include "dashboards/views/metric_family.h"

namespace mxswitch::dashboards {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily states(const Snapshots& snapshots) {
  Family family("mxswitch_state", "1 for the state that the switchover is in.");
  for (const auto& s : snapshots) {
    family.add({label("domain", s->domain), label("state", orchestrator::to_text(s->state))}, 1);
  }
  return family.take();
}

MetricFamily gates(const Snapshots& snapshots) {
  Family family("mxswitch_gate_open", "1 where the gate is open.");
  for (const auto& s : snapshots) {
    for (const auto& gate : s->gates) {
      family.add({label("domain", s->domain), label("gate", gate.id)}, gate.open() ? 1 : 0);
    }
  }
  return family.take();
}

MetricFamily closed_gates(const Snapshots& snapshots) {
  Family family("mxswitch_gates_closed",
                "Gates that are closed, by whose turn it is and whether they wait or fail.");
  for (const auto& s : snapshots) {
    std::map<std::pair<std::string_view, std::string_view>, int> counts;
    for (const auto& gate : s->gates) {
      if (!gate.open()) ++counts[{to_text(gate.verdict), to_text(gate.turn)}];
    }
    for (const auto& [key, count] : counts) {
      family.add(
          {label("domain", s->domain), label("verdict", key.first), label("turn", key.second)},
          count);
    }
  }
  return family.take();
}

MetricFamily faults(const Snapshots& snapshots) {
  Family family("mxswitch_fault",
                "1 where somebody has to mend something, by the gate that fails.");
  for (const auto& s : snapshots) {
    if (s->fault) family.add({label("domain", s->domain), label("gate", s->fault->gate)}, 1);
  }
  return family.take();
}

// By how they are, not by their addresses.
MetricFamily contacts(const Snapshots& snapshots) {
  Family family("mxswitch_contact_channels",
                "Channels of alerts: ok, failing (the last delivery did not arrive), "
                "unacknowledged (nobody pressed the button).");
  for (const auto& s : snapshots) {
    std::map<std::string_view, int> counts = {{"ok", 0}, {"failing", 0}, {"unacknowledged", 0}};
    for (const auto& contact : s->contact) {
      const bool failing = contact.last_delivery_at && !contact.last_delivery_ok;
      ++counts[failing ? "failing" : contact.acknowledged ? "ok" : "unacknowledged"];
    }
    for (const auto& [condition, count] : counts) {
      family.add({label("domain", s->domain), label("condition", condition)}, count);
    }
  }
  return family.take();
}

MetricFamily per_node(const Snapshots& snapshots, std::string name, std::string help,
                      double (*value_of)(const orchestrator::RelayNodeView&)) {
  Family family(std::move(name), std::move(help));
  for (const auto& s : snapshots) {
    for (const auto& node : s->relay.nodes) {
      family.add({label("domain", s->domain), label("node", node.id)}, value_of(node));
    }
  }
  return family.take();
}

MetricFamily relay_messages(const Snapshots& snapshots) {
  Family family("mxswitch_relay_messages_total", "Messages that the node counted, by fate.",
                MetricType::Counter);
  for (const auto& s : snapshots) {
    for (const auto& node : s->relay.nodes) {
      const std::pair<std::string_view, std::int64_t> fates[] = {{"accepted", node.accepted},
                                                                 {"forwarded", node.forwarded},
                                                                 {"hosted", node.hosted},
                                                                 {"rejected", node.rejected}};
      for (const auto& [fate, count] : fates) {
        family.add({label("domain", s->domain), label("node", node.id), label("fate", fate)},
                   static_cast<double>(count));
      }
    }
  }
  return family.take();
}

MetricFamily build_info(const std::string& version) {
  Family family("mxswitch_build_info", "1, with the version of the program.");
  family.add({label("version", version)}, 1);
  return family.take();
}

std::vector<MetricFamily> switchover_families(const Snapshots& snapshots, Time now) {
  return {states(snapshots),
          moment_per_domain(snapshots, "mxswitch_state_since_timestamp_seconds",
                            "Since when the switchover is in its state.",
                            [](const Snapshot& s) { return std::optional(s.state_since); }),
          per_domain(snapshots, "mxswitch_frozen", "1 where the switchover is frozen.",
                     [](const Snapshot& s) { return s.frozen ? 1.0 : 0.0; }),
          per_domain(snapshots, "mxswitch_snapshot_age_seconds", "Age of the newest snapshot.",
                     [now](const Snapshot& s) {
                       const auto age = std::max<std::int64_t>((now - s.at).count(), 0);
                       return static_cast<double>(age) / 1000.0;
                     }),
          gates(snapshots),
          closed_gates(snapshots),
          faults(snapshots),
          contacts(snapshots),
          per_node(snapshots, "mxswitch_relay_node_reachable",
                   "1 where the node answered the last reading.",
                   [](const auto& node) { return node.reachable ? 1.0 : 0.0; }),
          per_node(snapshots, "mxswitch_relay_queued_messages", "Messages in the node's queue.",
                   [](const auto& node) { return static_cast<double>(node.queued); }),
          relay_messages(snapshots)};
}

}  // namespace

std::string render_metrics(const Snapshots& snapshots, Time now, const std::string& version,
                           const ProcessCounts& counts) {
  std::vector<MetricFamily> families = {build_info(version)};
  for (auto part : {switchover_families(snapshots, now), report_families(snapshots),
                    process_families(counts)}) {
    std::ranges::move(part, std::back_inserter(families));
  }
  std::erase_if(families, [](const MetricFamily& f) { return f.metric.empty(); });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace mxswitch::dashboards
