// Asks several servers at once.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "probes/dns/transport.h"

namespace mxswitch::probes {

// The replies in the order of the queries, when the last has come. Never throws. `transport`
// must live until then. Runs on the caller's executor, of one thread.
asio::awaitable<std::vector<Reply>> ask_all(Transport& transport, std::vector<Query> queries);

}  // namespace mxswitch::probes
