#include "monitor/watch/scheduler.h"

namespace mxswitch::monitor {

void Scheduler::set(const probes::DnsName& owner, Time at) {
  erase(owner);
  times_.emplace(owner, at);
  queue_.emplace(at, owner);
}

void Scheduler::erase(const probes::DnsName& owner) {
  const auto found = times_.find(owner);
  if (found == times_.end()) return;
  queue_.erase({found->second, owner});
  times_.erase(found);
}

std::optional<Time> Scheduler::next() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::vector<probes::DnsName> Scheduler::take_due(Time now, std::size_t most) {
  std::vector<probes::DnsName> due;
  while (due.size() < most && !queue_.empty() && queue_.begin()->first <= now) {
    due.push_back(queue_.begin()->second);
    times_.erase(due.back());
    queue_.erase(queue_.begin());
  }
  return due;
}

}  // namespace mxswitch::monitor
