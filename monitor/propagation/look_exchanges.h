// What one look says of the expected exchanges: they exist, have an address, and are no alias
// (RFC 2181 10.3, RFC 5321 5.1). Inside monitor/propagation only.
#pragma once

#include <vector>

#include "monitor/propagation/one_look.h"

namespace mxswitch::monitor {

std::vector<LookFact> exchange_facts(const LookSeen& seen);

}  // namespace mxswitch::monitor
