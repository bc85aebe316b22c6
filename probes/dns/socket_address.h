// Endpoints as the sockets API wants them.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Endpoint& endpoint);
// Nothing for a family that is neither IPv4 nor IPv6.
std::optional<Endpoint> from_socket_address(const sockaddr_storage& storage);

}  // namespace mxswitch::probes
