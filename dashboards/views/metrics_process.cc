// What the process says of itself: its probes, its courtesy limits, its store.
#include "dashboards/views/metric_family.h"

namespace mxswitch::dashboards {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily counter(std::string name, std::string help, double value) {
  Family family(std::move(name), std::move(help), MetricType::Counter);
  family.add({}, value);
  return family.take();
}

MetricFamily commits(const ProcessCounts& counts) {
  Family family("mxswitch_store_commit_seconds",
                "How long steps of the watch took to become durable.", MetricType::Histogram);
  MetricFamily out = family.take();
  prometheus::ClientMetric metric;
  metric.histogram.sample_count = counts.commits;
  metric.histogram.sample_sum = counts.commit_seconds;
  for (std::size_t i = 0; i < counts.commit_bounds.size(); ++i) {
    prometheus::ClientMetric::Bucket bucket;
    bucket.upper_bound = counts.commit_bounds[i];
    bucket.cumulative_count = counts.commits_within.at(i);
    metric.histogram.bucket.push_back(bucket);
  }
  prometheus::ClientMetric::Bucket all;
  all.upper_bound = std::numeric_limits<double>::infinity();
  all.cumulative_count = counts.commits;
  metric.histogram.bucket.push_back(all);
  out.metric.push_back(std::move(metric));
  return out;
}

}  // namespace

std::vector<MetricFamily> process_families(const ProcessCounts& counts) {
  Family probes("mxswitch_probes_total", "Probes that left, by what was asked.",
                MetricType::Counter);
  for (const auto& kind : counts.probes) {
    probes.add({label("kind", kind.name)}, static_cast<double>(kind.count));
  }
  return {probes.take(),
          counter("mxswitch_pacer_delayed_probes_total",
                  "Probes that waited for their turn under a courtesy limit.",
                  static_cast<double>(counts.delayed_probes)),
          counter("mxswitch_pacer_delay_seconds_total",
                  "Time that probes waited for their turn, all together.", counts.delay_seconds),
          commits(counts),
          counter("mxswitch_store_failures_total",
                  "Steps of the watch that the store refused; they are tried again.",
                  static_cast<double>(counts.failed_commits))};
}

}  // namespace mxswitch::dashboards
