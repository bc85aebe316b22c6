#include "monitor/watch/txt_schedule.h"

#include <algorithm>

namespace mxswitch::monitor {
namespace {

constexpr Duration kShortestPause = seconds(5);
constexpr Duration kLongestPause = seconds(300);  // a third of the gates' validity

}  // namespace

void TxtSchedule::set_servers(const std::vector<TxtServer>& servers, Time now) {
  std::map<TxtServer, Asked> kept;
  for (const TxtServer& server : servers) {
    const auto known = servers_.find(server);
    kept.emplace(server, known == servers_.end() ? Asked{now, false, {}} : known->second);
  }
  servers_ = std::move(kept);
}

bool TxtSchedule::may_ask(const TxtServer& server) const {
  return server.from_authority || resolvers_allowed_;
}

std::vector<TxtServer> TxtSchedule::take_due(Time now) {
  std::vector<TxtServer> due;
  for (auto& [server, asked] : servers_) {
    if (asked.under_way || asked.due > now || !may_ask(server)) continue;
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
  const Duration wanted =
      sample.from_authority ? policy_.authority_poll : seconds(sample.ttl) + policy_.reprobe_first;
  return std::clamp(wanted, kShortestPause, kLongestPause);
}

std::optional<Time> TxtSchedule::next() const {
  std::optional<Time> earliest;
  for (const auto& [server, asked] : servers_) {
    if (asked.under_way || !may_ask(server)) continue;
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
