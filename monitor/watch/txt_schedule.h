// When each server is asked for the owner's TXT records: an authority at the poll interval of the
// phase, a resolver right after the expiry of what it last answered. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/propagation/spf_text.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

struct TxtServer {
  bool from_authority = false;
  std::string name;  // as people read it
  Endpoint endpoint;
  auto operator<=>(const TxtServer&) const = default;
};

class TxtSchedule {
 public:
  TxtSchedule(const Policy& policy, probes::ResolverList resolvers)
      : policy_(policy), resolvers_(std::move(resolvers)) {}

  // The whole list each time; a server that is gone is forgotten with its sample.
  void set_authorities(std::vector<TxtServer> authorities, Time now);
  // `active`: the change is near or under way, so polls are frequent. `resolvers`: they are asked
  // too; before the change only the authorities are, because a question plants the old record.
  void follow(bool active, bool resolvers, Time now);

  std::vector<TxtServer> take_due(Time now);  // each is then under way until observe()
  void observe(const TxtSample& sample);
  std::optional<Time> next() const;
  std::vector<TxtSample> samples() const;  // the newest of each server

 private:
  struct Asked {
    Time due{};
    bool under_way = false;
    std::optional<TxtSample> last;
  };
  Duration pause_after(const TxtSample& sample) const;
  void match_servers(Time now);

  Policy policy_;
  probes::ResolverList resolvers_;
  std::vector<TxtServer> authorities_;
  bool active_ = false, with_resolvers_ = false;
  std::map<TxtServer, Asked> servers_;
};

}  // namespace mxswitch::monitor
