// When each server is asked for the owner's TXT records: an authority at its poll interval, a
// resolver right after the expiry of what it last answered. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/propagation/spf_text.h"

namespace mxswitch::monitor {

struct TxtServer {
  bool from_authority = false;
  std::string name;  // as people read it
  Endpoint endpoint;
  auto operator<=>(const TxtServer&) const = default;
};

class TxtSchedule {
 public:
  explicit TxtSchedule(const Policy& policy) : policy_(policy) {}

  // The whole list each time; a server that is gone is forgotten with its sample.
  void set_servers(const std::vector<TxtServer>& servers, Time now);
  // Before the change only the authorities are asked: a question plants the old record.
  void allow_resolvers(bool allowed) { resolvers_allowed_ = allowed; }

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
  bool may_ask(const TxtServer& server) const;

  Policy policy_;
  bool resolvers_allowed_ = false;
  std::map<TxtServer, Asked> servers_;
};

}  // namespace mxswitch::monitor
