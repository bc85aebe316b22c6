// What the monitor found, as metrics: conditions, times, and counts by class.
#include <array>
#include <map>

#include "dashboards/views/metric_family.h"

namespace mxswitch::dashboards {
namespace {

using prometheus::MetricFamily;

MetricFamily conditions(const Snapshots& snapshots) {
  Family family("mxswitch_condition_holds",
                "1 where a condition of READY (A, B, C, D) holds, 0 where it does not or is not "
                "known.");
  for (const auto& s : snapshots) {
    const std::pair<std::string_view, const monitor::Condition&> all[] = {
        {"a", s->report.a}, {"b", s->report.b}, {"c", s->report.c}, {"d", s->report.d}};
    for (const auto& [name, condition] : all) {
      family.add({label("domain", s->domain), label("condition", name)},
                 condition.holds == monitor::Holds::yes ? 1 : 0);
    }
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

MetricFamily authorities(const Snapshots& snapshots) {
  Family family("mxswitch_authorities", "Authoritative servers by the class of their answer.");
  for (const auto& s : snapshots) {
    for (const auto& sign : all_signs()) {
      const auto count = std::ranges::count_if(s->report.authorities, [&](const auto& a) {
        return sign_of(a.last_class).word == sign.word;
      });
      family.add({label("domain", s->domain), label("class", sign.word)},
                 static_cast<double>(count));
    }
  }
  return family.take();
}

MetricFamily caches(const Snapshots& snapshots) {
  Family family("mxswitch_caches",
                "Caches that were told apart: warm ones could have held the old set, stale ones "
                "still do.");
  for (const auto& s : snapshots) {
    const std::pair<std::string_view, int> all[] = {
        {"warm", s->report.warm}, {"cold", s->report.cold}, {"stale", s->report.stale}};
    for (const auto& [kind, count] : all) {
      family.add({label("domain", s->domain), label("kind", kind)}, count);
    }
  }
  return family.take();
}

MetricFamily spf(const Snapshots& snapshots) {
  Family family("mxswitch_spf_resolvers",
                "Resolvers by whether they see the required terms in one SPF record.");
  for (const auto& s : snapshots) {
    if (!s->report.spf) continue;
    const auto& text = *s->report.spf;
    family.add({label("domain", s->domain), label("sees", "yes")}, text.seeing);
    family.add({label("domain", s->domain), label("sees", "no")}, text.resolvers - text.seeing);
  }
  return family.take();
}

// Each resolver counts once for each sender, so that a graph shows who still gets what.
MetricFamily spf_results(const Snapshots& snapshots) {
  Family family("mxswitch_spf_results",
                "Evaluations of the plan's senders (old, new) and of strangers at resolvers and "
                "authorities, by result.");
  for (const auto& s : snapshots) {
    if (!s->spf) continue;
    std::map<std::pair<std::string_view, std::string_view>, int> counts;
    for (const auto& row : s->spf->rows)
      for (std::size_t i = 0; i < std::min(row.cells.size(), s->spf->senders.size()); ++i)
        counts[{to_text(s->spf->senders[i].role), to_text(row.cells[i].result)}] +=
            row.authorities + row.resolvers;
    for (const auto& [key, count] : counts)
      family.add(
          {label("domain", s->domain), label("sender", key.first), label("result", key.second)},
          count);
  }
  return family.take();
}

}  // namespace

std::vector<MetricFamily> report_families(const Snapshots& snapshots) {
  const auto when = [&](std::string name, std::string help,
                        std::optional<Time> PropagationReport::*time) {
    return moment_per_domain(snapshots, std::move(name), std::move(help),
                             [time](const Snapshot& s) { return s.report.*time; });
  };
  return {
      per_domain(snapshots, "mxswitch_ready", "1 where the switch may be made: READY.",
                 [](const Snapshot& s) { return headline_of(s).tone == "ready" ? 1.0 : 0.0; }),
      conditions(snapshots),
      when("mxswitch_change_started_timestamp_seconds",
           "When the first authoritative server served the expected set.",
           &PropagationReport::change_started_at),
      when("mxswitch_drain_strict_timestamp_seconds",
           "Until when caches that keep to TTLs may hold an earlier set.",
           &PropagationReport::strict_until),
      moment_per_domain(snapshots, "mxswitch_ready_earliest_timestamp_seconds",
                        "Earliest time of READY as known now.",
                        [](const Snapshot& s) { return s.report.forecast.earliest; }),
      moment_per_domain(snapshots, "mxswitch_ready_latest_timestamp_seconds",
                        "Latest time of READY by the known expiries; absent where no end is known.",
                        [](const Snapshot& s) { return s.report.forecast.latest; }),
      per_domain(snapshots, "mxswitch_stale_share_upper_ratio",
                 "Upper bound (95 %) of the share of caches that hold the old set.",
                 [](const Snapshot& s) { return s.report.stale_share_upper; }),
      authorities(snapshots),
      resolvers(snapshots),
      caches(snapshots),
      spf(snapshots),
      spf_results(snapshots)};
}

}  // namespace mxswitch::dashboards
