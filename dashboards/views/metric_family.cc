#include "dashboards/views/metric_family.h"

namespace mxswitch::dashboards {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

Family::Family(std::string name, std::string help, MetricType type) {
  family_.name = std::move(name);
  family_.help = std::move(help);
  family_.type = type;
}

void Family::add(Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family_.metric.push_back(std::move(metric));
}

ClientMetric::Label label(std::string name, std::string_view value) {
  ClientMetric::Label out;
  out.name = std::move(name);
  out.value = std::string(value);
  return out;
}

MetricFamily per_domain(const Snapshots& snapshots, std::string name, std::string help,
                        const std::function<std::optional<double>(const Snapshot&)>& value_of) {
  Family family(std::move(name), std::move(help));
  for (const auto& s : snapshots) {
    if (const auto value = value_of(*s)) family.add({label("domain", s->domain)}, *value);
  }
  return family.take();
}

MetricFamily moment_per_domain(const Snapshots& snapshots, std::string name, std::string help,
                               const std::function<std::optional<Time>(const Snapshot&)>& time_of) {
  return per_domain(snapshots, std::move(name), std::move(help),
                    [&](const Snapshot& s) -> std::optional<double> {
                      const auto t = time_of(s);
                      if (!t) return std::nullopt;
                      return static_cast<double>(t->time_since_epoch().count()) / 1000.0;
                    });
}

}  // namespace mxswitch::dashboards
