// What the walks of one owner remember of name servers outside its zone, from walk to walk. A walk
// looks for a few of them alone (Walk::kMostNames), so that no zone can send it to a victim over
// and over: the next one goes on with those that were not looked for yet. Pure; times are
// arguments.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "probes/base/clock.h"
#include "probes/dns/dns_name.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

class WalkMemory {
 public:
  static constexpr Duration kFresh = seconds(240);          // not looked for again meanwhile
  static constexpr Duration kKept = std::chrono::hours(1);  // where it can't be looked for again
  static constexpr Duration kFirstRetry = seconds(10), kLastRetry = std::chrono::hours(1);
  static constexpr Duration kForgotten = std::chrono::hours(24);
  static constexpr std::size_t kMost = 4096;

  void begin(Time now);  // of a walk
  void found(const DnsName& host, std::vector<IpAddress> addresses);
  void none(const DnsName& host);    // its zone says that it has no address
  void failed(const DnsName& host);  // nobody said

  // Addresses that still stand for it; empty: none is known.
  std::vector<IpAddress> addresses(const DnsName& host) const;
  // Need it not be looked for now? It was, a moment ago, or its failure is not to be repeated yet.
  bool rests(const DnsName& host) const;
  // Those that were never looked for first, then by the time of that.
  Time looked_at(const DnsName& host) const;

 private:
  struct Host {
    std::vector<IpAddress> addresses;
    Time found_at{}, looked_at{}, rests_until{};
    int failures = 0;  // in a row
  };
  Host& host_of(const DnsName& host);

  Time now_{};
  std::map<DnsName, Host> hosts_;
};

}  // namespace mxswitch::probes
