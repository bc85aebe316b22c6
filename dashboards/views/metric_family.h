// Builds families of metrics for the serialiser; of the Prometheus view alone.
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dashboards/views/metrics.h"

namespace mxswitch::dashboards {

using Snapshots = std::vector<orchestrator::SnapshotPtr>;
using Labels = std::vector<prometheus::ClientMetric::Label>;

prometheus::ClientMetric::Label label(std::string name, std::string_view value);

class Family {
 public:
  Family(std::string name, std::string help,
         prometheus::MetricType type = prometheus::MetricType::Gauge);
  void add(Labels labels, double value);
  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

// One gauge of value `value_of(snapshot)` a domain; none where it gives no value.
prometheus::MetricFamily per_domain(
    const Snapshots& snapshots, std::string name, std::string help,
    const std::function<std::optional<double>(const Snapshot&)>& value_of);
// The same for a moment: seconds since the epoch.
prometheus::MetricFamily moment_per_domain(
    const Snapshots& snapshots, std::string name, std::string help,
    const std::function<std::optional<Time>(const Snapshot&)>& time_of);

std::vector<prometheus::MetricFamily> report_families(const Snapshots& snapshots);
std::vector<prometheus::MetricFamily> process_families(const ProcessCounts& counts);

}  // namespace mxswitch::dashboards
