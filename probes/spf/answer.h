// From a DNS answer to a Lookup; shared by the views, inside probes/spf only.
#pragma once

#include <optional>
#include <string>

#include "probes/spf/view.h"

namespace mxswitch::probes::spf {

inline constexpr int kMostLinks = 16;  // of a chain of aliases

// Nothing known yet; `failed` until an answer says otherwise. Its TTL is the largest there is.
Lookup blank_lookup(std::string name, RrType type);

// Puts what an answer says into `made`: RCODE 0 and 3 say something, all others are a failure
// (RFC 7208 section 4.4). The name to go on with when the answer ends in an alias.
std::optional<DnsName> take(Lookup& made, Answer answer, const Question& question);

}  // namespace mxswitch::probes::spf
