// How many migrations the courtesy limits allow (PROPAGATION.md section 4): every migration takes
// K samples at every resolver, and each address is asked at its own rate. Pure.
#pragma once

#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/watch/agenda.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

struct CapacityLimit {
  const char* setting;  // of [pacer]
  int addresses = 0;    // that it holds for
  double per_second = 0;
  double migrations_a_day = 0;  // per_second x 86400 / K
  int at_once = 0;              // domains whose samples keep their spacing; 0: not even one
  Duration draw{0};             // how long K samples of one domain take, alone
  int kept_fresh = 0;           // READY domains whose samples can be refreshed in time
  int kept_with_spf = 0;        // the same where SPF is watched too, with one include
};

// The binding limit first. Empty without resolvers.
std::vector<CapacityLimit> capacity_of(const Rates& rates, const Policy& policy,
                                       const probes::ResolverList& resolvers);

}  // namespace mxswitch::monitor
