// Records as the authorities of a name serve them now, past every cache: for the few names that a
// switchover asks itself (addresses of exchanges, MTA-STS, TLSA, the MX of a contact).
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "probes/dns/delegation.h"

namespace mxswitch::probes {

// The records of `type` at the end of the chain from `name`; empty when there are none, or the
// name does not exist. Fails with `unavailable` when no authority answered.
asio::awaitable<Result<std::vector<Record>>> look_up_at_authorities(Transport& transport,
                                                                    DnsName name, RrType type,
                                                                    DelegationOptions options);

}  // namespace mxswitch::probes
