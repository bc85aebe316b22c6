// When each server is asked for TXT records: an authority about the owner, at the poll interval of
// the phase; a resolver about the owner and the targets of its includes, each right after the
// expiry of what it last answered. Pure.
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
  DnsName asked;  // the owner, or an include's target
  auto operator<=>(const TxtServer&) const = default;
};

enum class TxtPhase {
  before,    // no sign of a change: polls are rare
  draining,  // polls are frequent; resolvers are asked by the expiry of what they hold
  near,      // the drain bound has passed: answers must also be fresh enough for the gate
};

// Near the switch: one lost answer must not close the gate.
inline constexpr int kPollsOfValidity = 3;

class TxtSchedule {
 public:
  TxtSchedule(const Policy& policy, probes::ResolverList resolvers, SpfWish wish)
      : policy_(policy), resolvers_(std::move(resolvers)), wish_(std::move(wish)) {}

  // Server names and endpoints, the whole list each time; one that is gone is forgotten with its
  // sample.
  void set_authorities(std::vector<TxtServer> authorities, Time now);
  // `resolvers`: they are asked too; before the change only the authorities are, because a
  // question plants the old record.
  void follow(TxtPhase phase, bool resolvers, Time now);

  // As an earlier process left it. Every server is due by the age of its sample.
  void restore(std::vector<TxtServer> authorities, bool resolvers, std::vector<TxtSample> samples,
               Time now);

  std::vector<TxtServer> take_due(Time now);  // each is then under way until observe()
  void observe(const TxtSample& sample);
  std::optional<Time> next() const;
  std::vector<TxtSample> samples() const;  // the newest of each server and name
  std::vector<Endpoint> unasked() const;   // about the owner: neither answer nor silence yet
  double queries_a_day(Time now) const;    // at the pace of now
  const SpfWish& wish() const { return wish_; }
  TxtPhase phase() const { return phase_; }
  void set_policy(const Policy& policy) { policy_ = policy; }

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
  SpfWish wish_;
  std::vector<TxtServer> authorities_;
  TxtPhase phase_ = TxtPhase::before;
  bool with_resolvers_ = false;
  std::map<TxtServer, Asked> servers_;
};

}  // namespace mxswitch::monitor
