// RRsets beside the MX: what their servers answer, and until when caches that keep to TTLs may
// hold an earlier one. No simulated cache fetches them: the longest time that any may is the truth.
#include <algorithm>

#include "monitor/simulation/world.h"

namespace mxswitch::monitor::simulation {
namespace {

bool is_same(const RecordPlan& a, const RecordPlan& b) {
  return a.name == b.name && a.type == b.type;
}

}  // namespace

void World::add_records(const Scenario& scenario) {
  for (const RecordPlan& plan : scenario.records) {
    SimulatedRecord& one = records_.emplace_back();
    one.plan = plan;
    one.last = plan.data;
    for (const Event& event : scenario.events)
      if (event.verb == Event::Verb::record && is_same(event.record, plan))
        one.last = event.record.data;
  }
}

void World::apply_record(const RecordPlan& record, Time now) {
  for (SimulatedRecord& one : records_) {
    if (!is_same(one.plan, record) || one.plan.server != record.server) continue;
    if (one.plan.data != one.last) one.other_until = now + seconds(one.plan.ttl);
    one.plan.data = record.data;
    one.plan.ttl = record.ttl;
    changed_at_ = now;
  }
}

Time World::judge_records(Truth& truth, Time now) const {
  Time clean{};
  for (const SimulatedRecord& one : records_) {
    if (one.plan.data != one.last || (one.other_until && now < *one.other_until))
      truth.record_other = true;
    if (one.other_until) clean = std::max(clean, *one.other_until);
  }
  return clean;
}

CompanionSample World::ask_companion(const ProbeDue& probe, Time now, Duration limit) {
  CompanionSample sample;
  sample.name = probe.name;
  sample.type = probe.type;
  sample.server = probe.server;
  sample.endpoint = probe.endpoint;
  const auto one = std::find_if(records_.begin(), records_.end(), [&](const auto& r) {
    return r.plan.name == probe.name && r.plan.type == probe.type &&
           r.plan.server == probe.server && r.plan.endpoint == probe.endpoint;
  });
  const bool heard = one != records_.end() && reaches(probe.endpoint);
  const Reach reach = heard ? one->reach : Reach::silent;
  if (!is_served(sample, reach, now, limit)) return sample;
  sample.outcome = one->plan.data.empty() ? Outcome::no_data : Outcome::answered;
  sample.authoritative = true;
  sample.data = one->plan.data;
  sample.ttl = one->plan.ttl;
  sample.aliased = one->plan.type != probes::RrType::cname && one->plan.data.starts_with("CNAME ");
  return sample;
}

std::vector<ListedCompanion> World::companions() const {
  std::vector<ListedCompanion> all;
  for (const SimulatedRecord& one : records_) {
    auto known = std::find_if(all.begin(), all.end(), [&](const ListedCompanion& l) {
      return l.name == one.plan.name && l.type == one.plan.type;
    });
    if (known == all.end()) {
      known = all.emplace(all.end());
      known->name = one.plan.name;
      known->type = one.plan.type;
    }
    known->endpoints.push_back({one.plan.server, one.plan.endpoint});
  }
  return all;
}

}  // namespace mxswitch::monitor::simulation
