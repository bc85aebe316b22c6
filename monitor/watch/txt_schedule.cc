#include "monitor/watch/txt_schedule.h"

#include <algorithm>

namespace mxswitch::monitor {
namespace {

constexpr Duration kShortestPause = seconds(5);
constexpr Duration kLongestPause = seconds(300);  // a third of the gates' validity

}  // namespace

void TxtSchedule::set_authorities(std::vector<TxtServer> authorities, Time now) {
  if (authorities == authorities_) return;
  authorities_ = std::move(authorities);
  match_servers(now);
}

void TxtSchedule::follow(bool active, bool resolvers, Time now) {
  if (active && !active_)
    for (auto& [server, asked] : servers_) asked.due = std::min(asked.due, now);
  active_ = active;
  if (resolvers == with_resolvers_) return;
  with_resolvers_ = resolvers;
  match_servers(now);
}

void TxtSchedule::match_servers(Time now) {
  std::vector<TxtServer> wanted = authorities_;
  if (with_resolvers_)
    for (const probes::Resolver& resolver : resolvers_)
      wanted.push_back({false, resolver.operator_name, resolver.endpoint});
  std::map<TxtServer, Asked> kept;
  for (TxtServer& server : wanted) {
    const auto known = servers_.find(server);
    Asked asked = known == servers_.end() ? Asked{now, false, {}} : std::move(known->second);
    kept.emplace(std::move(server), std::move(asked));
  }
  servers_ = std::move(kept);
}

std::vector<TxtServer> TxtSchedule::take_due(Time now) {
  std::vector<TxtServer> due;
  for (auto& [server, asked] : servers_) {
    if (asked.under_way || asked.due > now) continue;
    asked.under_way = true;
    due.push_back(server);
  }
  return due;
}

void TxtSchedule::observe(const TxtSample& sample) {
  const auto found = servers_.find({sample.from_authority, sample.server, sample.endpoint});
  if (found == servers_.end()) return;
  found->second = {sample.received_at + pause_after(sample), false, sample};
}

Duration TxtSchedule::pause_after(const TxtSample& sample) const {
  const bool conclusive = sample.outcome == Outcome::answered ||
                          sample.outcome == Outcome::no_data || sample.outcome == Outcome::nxdomain;
  if (!conclusive) return policy_.reprobe_second;
  if (sample.from_authority) {
    const Duration poll = active_ ? policy_.authority_poll : policy_.authority_poll_before;
    return std::clamp(poll, kShortestPause, kLongestPause);
  }
  const Duration wanted = seconds(sample.ttl) + policy_.reprobe_first;
  return std::clamp(wanted, kShortestPause, kLongestPause);
}

std::optional<Time> TxtSchedule::next() const {
  std::optional<Time> earliest;
  for (const auto& [server, asked] : servers_) {
    if (asked.under_way) continue;
    if (!earliest || asked.due < *earliest) earliest = asked.due;
  }
  return earliest;
}

std::vector<TxtSample> TxtSchedule::samples() const {
  std::vector<TxtSample> samples;
  for (const auto& [server, asked] : servers_) {
    if (asked.last) samples.push_back(*asked.last);
  }
  return samples;
}

}  // namespace mxswitch::monitor
