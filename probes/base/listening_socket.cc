#include "probes/base/listening_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace mxswitch {
namespace {

constexpr int kBacklog = 511;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

std::optional<SocketAddress> parse_address(const std::string& text, int port) {
  const std::string address = text == "localhost" ? "127.0.0.1" : text;
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
    result.length = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    result.length = sizeof(sockaddr_in6);
  } else {
    return std::nullopt;
  }
  return result;
}

std::string mend_for(int code, int port) {
  switch (code) {
    case EADDRINUSE:
      return fmt::format("stop what uses it (see: ss -ltnp 'sport = :{}') or choose another port",
                         port);
    case EADDRNOTAVAIL:
      return "no interface of this machine has this address; see: ip address";
    case EACCES:
      return "ports below 1024 need a privilege: choose a higher port or give CAP_NET_BIND_SERVICE";
    default:
      return "choose another address or port";
  }
}

std::string cause(int code) {
  return code == EADDRINUSE ? "the port is in use" : std::strerror(code);
}

}  // namespace

Result<int> open_listening_socket(const std::string& address, int port) {
  const bool bracket = address.find(':') != std::string::npos;
  const std::string where = fmt::format(fmt::runtime(bracket ? "[{}]:{}" : "{}:{}"), address, port);
  if (port < 0 || port > 65535) {
    return fail(Fault::usage, "bad port", where,
                "give a port from 1 to 65535, or 0 for a free one");
  }
  const auto target = parse_address(address, port);
  if (!target) {
    return fail(Fault::usage, "bad address to listen on", where,
                "give an IPv4 or IPv6 address of this machine, like 127.0.0.1 or ::1");
  }
  const int socket = ::socket(target->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (socket >= 0 && ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      ::bind(socket, reinterpret_cast<const sockaddr*>(&target->storage), target->length) == 0 &&
      ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int code = errno;
  if (socket >= 0) ::close(socket);
  return fail(Fault::usage, fmt::format("cannot listen: {}", cause(code)), where,
              mend_for(code, port));
}

int bound_port(int socket) {
  SocketAddress bound;
  bound.length = sizeof(bound.storage);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0) {
    return 0;
  }
  if (bound.storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
}

bool is_loopback(const std::string& address) {
  const std::string mapped = "::ffff:";
  const std::string plain = address.starts_with(mapped) ? address.substr(mapped.size()) : address;
  in_addr v4{};
  if (inet_pton(AF_INET, plain.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, plain.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace mxswitch
