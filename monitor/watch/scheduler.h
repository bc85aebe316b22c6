// When each watched owner wants to be looked at next: a heap of wake-ups, one timer above it.
// Pure; every operation is O(log n) in the number of owners.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "probes/base/clock.h"
#include "probes/dns/dns_name.h"

namespace mxswitch::monitor {

class Scheduler {
 public:
  // Replaces the owner's wake-up.
  void set(const probes::DnsName& owner, Time at);
  void erase(const probes::DnsName& owner);
  std::optional<Time> next() const;
  // Takes out the owners whose time has come, earliest first, at most `most` of them.
  std::vector<probes::DnsName> take_due(Time now, std::size_t most = SIZE_MAX);

 private:
  std::map<probes::DnsName, Time> times_;
  std::set<std::pair<Time, probes::DnsName>> queue_;
};

}  // namespace mxswitch::monitor
