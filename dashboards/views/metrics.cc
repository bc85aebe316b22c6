#include "dashboards/views/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

namespace mxswitch::dashboards {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Family {
 public:
  Family(std::string name, std::string help, MetricType type = MetricType::Gauge) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }
  void add(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family_.metric.push_back(std::move(metric));
  }
  MetricFamily take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

ClientMetric::Label label(std::string name, std::string_view value) {
  ClientMetric::Label out;
  out.name = std::move(name);
  out.value = std::string(value);
  return out;
}

double epoch_seconds(Time t) { return static_cast<double>(t.time_since_epoch().count()) / 1000.0; }

using Snapshots = std::vector<orchestrator::SnapshotPtr>;

// One gauge of value `value_of(snapshot)` a domain; none where it gives no value.
MetricFamily per_domain(const Snapshots& snapshots, std::string name, std::string help,
                        const std::function<std::optional<double>(const Snapshot&)>& value_of) {
  Family family(std::move(name), std::move(help));
  for (const auto& s : snapshots) {
    if (const auto value = value_of(*s)) family.add({label("domain", s->domain)}, *value);
  }
  return family.take();
}

MetricFamily states(const Snapshots& snapshots) {
  Family family("mxswitch_state_info", "1 for the state that the switchover is in.");
  for (const auto& s : snapshots) {
    family.add({label("domain", s->domain), label("state", orchestrator::to_text(s->state))}, 1);
  }
  return family.take();
}

MetricFamily resolvers(const Snapshots& snapshots) {
  Family family("mxswitch_resolvers", "Resolvers by the class of their last answer.");
  for (const auto& s : snapshots) {
    for (const auto& sign : all_signs()) {
      family.add({label("domain", s->domain), label("class", sign.word)},
                 count_of(s->report, sign.word));
    }
  }
  return family.take();
}

MetricFamily gates(const Snapshots& snapshots) {
  Family family("mxswitch_gate_open", "1 where the gate is open, by its verdict.");
  for (const auto& s : snapshots) {
    for (const auto& gate : s->gates) {
      family.add({label("domain", s->domain), label("gate", gate.id),
                  label("verdict", orchestrator::to_text(gate.verdict))},
                 gate.open() ? 1 : 0);
    }
  }
  return family.take();
}

MetricFamily relay_reachable(const Snapshots& snapshots) {
  Family family("mxswitch_relay_node_reachable", "1 where the node answered the last reading.");
  for (const auto& s : snapshots) {
    for (const auto& node : s->relay.nodes) {
      family.add({label("domain", s->domain), label("node", node.id)}, node.reachable ? 1 : 0);
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

}  // namespace

std::string render_metrics(const Snapshots& snapshots, Time now, const std::string& version) {
  std::vector<MetricFamily> families;
  families.push_back(build_info(version));
  families.push_back(states(snapshots));
  families.push_back(per_domain(snapshots, "mxswitch_ready", "1 where propagation is complete.",
                                [](const Snapshot& s) { return s.report.ready() ? 1.0 : 0.0; }));
  families.push_back(per_domain(snapshots, "mxswitch_frozen", "1 where the switchover is frozen.",
                                [](const Snapshot& s) { return s.frozen ? 1.0 : 0.0; }));
  families.push_back(per_domain(
      snapshots, "mxswitch_snapshot_age_seconds", "Age of the newest snapshot.",
      [now](const Snapshot& s) {
        return static_cast<double>(std::max<std::int64_t>((now - s.at).count(), 0)) / 1000.0;
      }));
  families.push_back(per_domain(snapshots, "mxswitch_ready_expected_timestamp_seconds",
                                "Earliest time of READY as known now.",
                                [](const Snapshot& s) -> std::optional<double> {
                                  if (!s.report.eligible_from) return std::nullopt;
                                  return epoch_seconds(*s.report.eligible_from);
                                }));
  families.push_back(per_domain(snapshots, "mxswitch_stale_share_upper_ratio",
                                "Upper bound (95 %) of the share of caches that hold the old set.",
                                [](const Snapshot& s) { return s.report.stale_share_upper; }));
  families.push_back(resolvers(snapshots));
  families.push_back(gates(snapshots));
  families.push_back(relay_reachable(snapshots));
  families.push_back(relay_messages(snapshots));
  std::erase_if(families, [](const MetricFamily& f) { return f.metric.empty(); });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace mxswitch::dashboards
