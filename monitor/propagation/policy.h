// Settings of the verdict: the keys of `[policy]` in a plan, with the defaults of
// PROPAGATION.md section 3. Each default's reason stands there.
#pragma once

#include <algorithm>

#include "probes/base/clock.h"

namespace mxswitch::monitor {

struct Policy {
  Duration authority_poll_before = seconds(300);
  Duration authority_poll = seconds(30);
  Duration authority_poll_done = seconds(3600);
  Duration authority_spread = seconds(300);
  Duration delta = seconds(60);
  Duration clock_error = seconds(1);
  Duration floor = seconds(3600);
  int k = 23;
  Duration sample_spacing = seconds(5);
  int min_operators = 8;
  int min_countries = 1;
  Duration reprobe_first = seconds(1);    // after a cache's expiry
  Duration reprobe_second = seconds(30);  // then doubling
  Duration reprobe_most = seconds(300);
  Duration stretcher_after = seconds(60);
  Duration violator_after = seconds(3600);
  Duration settle = seconds(120);
  Duration validity = std::chrono::minutes(15);
  Duration query_deadline = seconds(6);
  Duration stale_allowance = seconds(0);
  // How old a copy from before the watch may be, where nobody said whether the TTL was lowered.
  Duration history_ttl = seconds(86400);
  Duration recovery = seconds(900);  // after a blackout, until caches look again
  // A resolver that fails is asked again after this long, doubling; one that goes on failing rests.
  Duration failing_retry = seconds(30);
  Duration failing_most = seconds(300);
  Duration failing_rest = seconds(3600);
  bool seed = false;
};

// While something waits for the verdict, its evidence is refreshed within its validity. After the
// switch nothing does: each resolver is looked at once an hour, and what it said holds as long.
inline constexpr Duration kSentinelEvery = std::chrono::hours(1);
inline Policy sentinel_policy(Policy policy) {
  policy.validity = std::max<Duration>(policy.validity, kSentinelEvery * 3 / 2);
  return policy;
}

// When an answer that passed is asked for again: before it is older than its validity.
inline Duration refresh_after(const Policy& policy) { return policy.validity * 2 / 3; }

// So long a control name's answer makes a resolver count.
inline Duration control_valid(const Policy& policy) {
  return std::max<Duration>(std::chrono::minutes(10), refresh_after(policy));
}

// Fixed by RFCs, not settings.
inline constexpr seconds kUnreachableStaleAllowance{259200};  // RFC 8767 section 5
inline constexpr seconds kUnknownOldTtl{604800};              // RFC 8767 section 4

}  // namespace mxswitch::monitor
