// Sends bytes to a port of this machine and reads all that comes back, so that tests see exactly
// what is on the wire.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace mxswitch {

inline int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return socket;
}

inline std::string read_to_end(int socket) {
  std::string all;
  char piece[4096];
  for (ssize_t got = 0; (got = ::recv(socket, piece, sizeof(piece), 0)) > 0;) {
    all.append(piece, static_cast<std::size_t>(got));
  }
  return all;
}

inline std::string exchange(int port, const std::string& bytes) {
  const int socket = connect_to(port);
  (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string all = read_to_end(socket);
  ::close(socket);
  return all;
}

}  // namespace mxswitch
