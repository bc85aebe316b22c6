// What the other nodes hold, compared with our own store: a node that was away during a switch, or
// whose store is lost or an older copy, must neither go on with the route of before nor refuse
// what it may merely lack.
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/records.h"
#include "probes/base/http_client.h"

namespace mxswitch::orchestrator {

struct PeerPlace {
  std::string node, api, token, ca_file;
};

// All domains of a node by its control API, page by page; 3 s for each page.
asio::awaitable<Result<std::vector<RelayDomain>>> read_peer(HttpClient& client, PeerPlace peer);

// A domain as it is stored at a node, hashes of passwords included.
asio::awaitable<Result<DomainRecord>> read_copy(HttpClient& client, PeerPlace peer,
                                                std::string domain);

// Whether a node answers at all.
asio::awaitable<bool> is_peer_alive(HttpClient& client, std::string api, std::string ca_file);

struct PeerRow {
  std::string node;  // whose row it is
  RelayDomain row;
};
using Doubts = std::map<std::string, Doubt, std::less<>>;

// Why a domain must not be served as it is stored, or as it lacks, by domain. Pure.
//
// A peer whose row is later in generation and in time, with another route or roster, has what we
// have not: ours is `behind`. Where generation and time contradict each other nobody is right by
// himself: the routes `differ`, until somebody writes one. What was written here since `started_at`
// is in no doubt: a writer goes from node to node, and the nodes differ meanwhile. Without any
// peer's answer (`alone`) a domain with an operation open is in doubt for 300 s from then.
Doubts compare_with_peers(const RelayState& own, const std::vector<PeerRow>& peers, Time started_at,
                          bool alone);

// What is in doubt after a new look: what the peers that answered say, and what those that did not
// had said before.
Doubts doubts_after(const Doubts& before, Doubts found, const std::vector<std::string>& answered);

// Whether `copy` is later than what we have, if anything. Pure.
bool is_later(const RelayDomain& copy, const RelayDomain* own);

}  // namespace mxswitch::orchestrator
