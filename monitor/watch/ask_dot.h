// One question by DNS over TLS about an owner's MX.
#pragma once

#include <asio/awaitable.hpp>

#include "monitor/propagation/observation.h"
#include "probes/dns/dot.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

// At the address of the resolver and the port of DNS over TLS, proved by its `dot_name`. Never
// fails: what can't be had is a sample that says why.
asio::awaitable<DotSample> ask_dot(probes::DotAsker& asker, DnsName owner,
                                   probes::Resolver resolver, Duration deadline);

}  // namespace mxswitch::monitor
