// Courtesy limits: how many queries a second go to one address, over all domains. Pure: a token
// bucket a key, refilled by the time that is passed in.
#pragma once

#include <map>

#include "probes/base/clock.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

struct Rate {
  double per_second = 1;
  double burst = 4;
};

class Pacer {
 public:
  Pacer();
  // The moment at which a query to `server` may leave, `now` or later; the token is taken.
  Time reserve(const Endpoint& server, const Rate& rate, Time now);
  // How long a query asked for now would wait; takes nothing.
  Duration delay(const Endpoint& server, const Rate& rate, Time now) const;
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    Time filled_at{};
    Time full_at{};  // from then on it is as if nobody had asked
  };
  void forget_full(Time now);

  std::map<Endpoint, Bucket> buckets_;
  std::size_t sweep_at_;  // size at which full buckets are dropped next
};

}  // namespace mxswitch::probes
