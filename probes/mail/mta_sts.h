// MTA-STS (RFC 8461): the record that announces a policy and the policy itself. Pure; any bytes may
// come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::probes {

// Section 3.2: about a year. So long senders may keep a policy of which nothing else is known.
inline constexpr Duration kLongestMaxAge = seconds(31'557'600);

struct MtaStsPolicy {
  std::string mode;             // "enforce", "testing", "none"
  std::vector<std::string> mx;  // patterns in lower case: "mail.shop.example", "*.shop.example"
  Duration max_age{0};

  bool operator==(const MtaStsPolicy&) const = default;
};

// Of the TXT strings at _mta-sts, the one that announces a policy; none: no sender looks for one.
std::optional<std::string> mta_sts_record(const std::vector<std::string>& texts);

// Fails with `malformed`: what a sender could not use either, and why.
Result<MtaStsPolicy> parse_mta_sts_policy(std::string_view body);

// Section 4.1: a "*" stands for one label on the left.
bool allows_exchange(const MtaStsPolicy& policy, const std::string& exchange);

}  // namespace mxswitch::probes
