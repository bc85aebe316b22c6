#include "monitor/watch/txt_schedule.h"

#include <algorithm>

#include "monitor/propagation/load.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kShortestPause = seconds(5);
constexpr Duration kLongestPoll = seconds(300);

}  // namespace

void TxtSchedule::set_authorities(std::vector<TxtServer> authorities, Time now) {
  for (TxtServer& server : authorities) server.asked = wish_.owner;
  if (authorities == authorities_) return;
  authorities_ = std::move(authorities);
  match_servers(now);
}

void TxtSchedule::follow(TxtPhase phase, bool resolvers, Time now) {
  const bool began = phase != TxtPhase::before && phase_ == TxtPhase::before;
  const bool closer = phase == TxtPhase::near && phase_ != TxtPhase::near;
  phase_ = phase;
  for (auto& [server, asked] : servers_) {
    if (began) asked.due = std::min(asked.due, now);
    if (closer && asked.last)
      asked.due = std::min(asked.due, asked.last->received_at + pause_after(*asked.last));
  }
  if (resolvers == with_resolvers_) return;
  with_resolvers_ = resolvers;
  match_servers(now);
}

void TxtSchedule::match_servers(Time now) {
  std::vector<TxtServer> wanted = authorities_;
  std::vector<DnsName> names = include_targets(wish_.required);
  names.push_back(wish_.owner);
  if (with_resolvers_)
    for (const probes::Resolver& resolver : resolvers_)
      for (const DnsName& name : names)
        wanted.push_back({false, resolver.operator_name, resolver.endpoint, name});
  std::map<TxtServer, Asked> kept;
  for (TxtServer& server : wanted) {
    const auto known = servers_.find(server);
    Asked asked = known == servers_.end() ? Asked{now, false, {}} : std::move(known->second);
    kept.emplace(std::move(server), std::move(asked));
  }
  servers_ = std::move(kept);
}

void TxtSchedule::restore(std::vector<TxtServer> authorities, bool resolvers,
                          std::vector<TxtSample> samples, Time now) {
  with_resolvers_ = resolvers;
  authorities_ = std::move(authorities);
  match_servers(now);
  for (const TxtSample& sample : samples) observe(sample);
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
  const auto found =
      servers_.find({sample.from_authority, sample.server, sample.endpoint, sample.name});
  if (found == servers_.end()) return;
  found->second = {sample.received_at + pause_after(sample), false, sample};
}

Duration TxtSchedule::pause_after(const TxtSample& sample) const {
  const bool conclusive = sample.outcome == Outcome::answered ||
                          sample.outcome == Outcome::no_data || sample.outcome == Outcome::nxdomain;
  if (!conclusive) return policy_.reprobe_second;
  if (sample.from_authority) {
    const bool before = phase_ == TxtPhase::before;
    const Duration poll = before ? policy_.authority_poll_before : policy_.authority_poll;
    return std::clamp(poll, kShortestPause, kLongestPoll);
  }
  const Duration wanted =
      std::max<Duration>(seconds(sample.ttl) + policy_.reprobe_first, kShortestPause);
  return phase_ == TxtPhase::near ? std::min(wanted, policy_.validity / kPollsOfValidity) : wanted;
}

std::optional<Time> TxtSchedule::next() const {
  std::optional<Time> earliest;
  for (const auto& [server, asked] : servers_) {
    if (asked.under_way) continue;
    if (!earliest || asked.due < *earliest) earliest = asked.due;
  }
  return earliest;
}

double TxtSchedule::queries_a_day(Time now) const {
  double queries = 0;
  for (const auto& [server, asked] : servers_)
    if (asked.last) queries += times_a_day(std::max(asked.due, now) - asked.last->received_at);
  return queries;
}

std::vector<Endpoint> TxtSchedule::unasked() const {
  std::vector<Endpoint> endpoints;
  for (const auto& [server, asked] : servers_)
    if (server.asked == wish_.owner && !asked.last) endpoints.push_back(server.endpoint);
  return endpoints;
}

std::vector<TxtSample> TxtSchedule::samples() const {
  std::vector<TxtSample> samples;
  for (const auto& [server, asked] : servers_) {
    if (asked.last) samples.push_back(*asked.last);
  }
  return samples;
}

}  // namespace mxswitch::monitor
