// What the other nodes hold, compared with our own store when the agent starts: a node that was
// away during a switch must not go on with the route of before.
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/records.h"
#include "probes/base/http_client.h"

namespace mxswitch::orchestrator {

// All domains of a node by its control API, page by page; 3 s for the whole.
asio::awaitable<Result<std::vector<RelayDomain>>> read_peer(HttpClient& client, std::string api,
                                                            std::string token, std::string ca_file);

// Whether a node answers at all.
asio::awaitable<bool> is_peer_alive(HttpClient& client, std::string api, std::string ca_file);

// Why a domain's route must not be served as it is stored, by domain. Pure. A peer with another
// route and a higher generation, or a later write, has seen what we have not. Without any
// peer (`alone`) a domain with an operation open is in doubt.
std::map<std::string, std::string> compare_with_peers(const RelayState& own,
                                                      const std::vector<RelayDomain>& peers,
                                                      bool alone);

}  // namespace mxswitch::orchestrator
