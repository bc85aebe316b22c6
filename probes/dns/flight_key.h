// What tells a query in flight from all others: whom it was sent to, and its id.
#pragma once

#include <cstring>
#include <functional>

#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

struct FlightKey {
  Endpoint peer;
  std::uint16_t id = 0;
  bool operator==(const FlightKey&) const = default;
};

struct EndpointHash {
  std::size_t operator()(const Endpoint& endpoint) const {
    std::uint64_t halves[2];
    std::memcpy(halves, endpoint.address.bytes().data(), sizeof halves);
    return std::hash<std::uint64_t>()((halves[0] ^ halves[1] * 0x9e3779b97f4a7c15u) +
                                      endpoint.port);
  }
};

// Ids are drawn by us at random, so nobody can choose keys that collide.
struct FlightHash {
  std::size_t operator()(const FlightKey& key) const {
    return EndpointHash()(key.peer) ^ static_cast<std::size_t>(key.id) << 16;
  }
};

}  // namespace mxswitch::probes
