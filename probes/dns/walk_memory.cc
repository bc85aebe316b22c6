#include "probes/dns/walk_memory.h"

#include <algorithm>
#include <utility>

namespace mxswitch::probes {
namespace {

Duration retry_after(int failures) {
  Duration pause = WalkMemory::kFirstRetry;
  for (int i = 1; i < failures && pause < WalkMemory::kLastRetry; ++i) pause *= 2;
  return std::min(pause, WalkMemory::kLastRetry);
}

}  // namespace

void WalkMemory::begin(Time now) {
  now_ = now;
  std::erase_if(hosts_, [&](const auto& entry) {
    const Host& host = entry.second;
    return now_ - host.looked_at > kForgotten && host.rests_until <= now_;
  });
}

WalkMemory::Host& WalkMemory::host_of(const DnsName& host) {
  if (hosts_.size() >= kMost && !hosts_.contains(host)) hosts_.clear();
  return hosts_[host];
}

void WalkMemory::found(const DnsName& host, std::vector<IpAddress> addresses) {
  Host& known = host_of(host);
  known.addresses = std::move(addresses);
  known.found_at = known.looked_at = now_;
  known.rests_until = now_ + kFresh;
  known.failures = 0;
}

void WalkMemory::none(const DnsName& host) {
  host_of(host).addresses.clear();
  failed(host);
}

void WalkMemory::failed(const DnsName& host) {
  Host& known = host_of(host);
  known.looked_at = now_;
  known.rests_until = now_ + retry_after(++known.failures);
}

std::vector<IpAddress> WalkMemory::addresses(const DnsName& host) const {
  const auto known = hosts_.find(host);
  const bool stands = known != hosts_.end() && now_ - known->second.found_at <= kKept;
  return stands ? known->second.addresses : std::vector<IpAddress>();
}

bool WalkMemory::rests(const DnsName& host) const {
  const auto known = hosts_.find(host);
  return known != hosts_.end() && now_ < known->second.rests_until;
}

Time WalkMemory::looked_at(const DnsName& host) const {
  const auto known = hosts_.find(host);
  return known == hosts_.end() ? Time::min() : known->second.looked_at;
}

}  // namespace mxswitch::probes
