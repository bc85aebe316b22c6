#include "orchestrator/relay_agent/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/ip/address.hpp>
#include <charconv>
#include <cstring>

namespace mxswitch::orchestrator {
namespace {

constexpr int kBacklog = 511;

Failure refuse(const std::string& place, const std::string& what) {
  return fail(Fault::usage, what, place, "write ADDRESS:PORT or unix:PATH");
}

Failure busy(const std::string& place) {
  return fail(Fault::conflict, std::string("cannot listen: ") + std::strerror(errno), place,
              "end what listens there, or configure another place");
}

Result<int> listen_on(int family, const sockaddr* address, socklen_t length,
                      const std::string& place) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return busy(place);
  const int on = 1;
  if (family != AF_UNIX) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, address, length) != 0 || ::listen(fd, kBacklog) != 0) {
    const auto failure = busy(place);
    ::close(fd);
    return failure;
  }
  return fd;
}

bool somebody_listens(const sockaddr_un& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool connected = ::connect(fd, generic, sizeof address) == 0;
  ::close(fd);
  return connected;
}

Result<int> listen_unix(const std::string& path, const std::string& place) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return refuse(place, "the socket's path is empty or too long");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    if (somebody_listens(address)) {
      errno = EADDRINUSE;
      return busy(place);
    }
    ::unlink(path.c_str());
  }
  auto fd = listen_on(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, place);
  if (fd) ::chmod(path.c_str(), 0660);
  return fd;
}

Result<int> listen_inet(const std::string& place) {
  const auto colon = place.rfind(':');
  if (colon == place.npos) return refuse(place, "no port");
  std::string host = place.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto* end = place.data() + place.size();
  if (std::from_chars(place.data() + colon + 1, end, port).ptr != end) {
    return refuse(place, "the port is not a number");
  }
  asio::error_code code;
  const auto address = asio::ip::make_address(host, code);
  if (code) return refuse(place, "not an address");
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
    return listen_on(AF_INET, reinterpret_cast<const sockaddr*>(&v4), sizeof v4, place);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const auto bytes = address.to_v6().to_bytes();
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  return listen_on(AF_INET6, reinterpret_cast<const sockaddr*>(&v6), sizeof v6, place);
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, int fd, std::string unix_path)
    : descriptor_(std::move(executor), fd), unix_path_(std::move(unix_path)) {}

Listener::~Listener() { close(); }

void Listener::close() {
  asio::error_code ignored;
  descriptor_.close(ignored);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  unix_path_.clear();
}

std::optional<int> Listener::accept() {
  const int fd =
      ::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return fd < 0 ? std::nullopt : std::optional(fd);
}

Result<std::shared_ptr<Listener>> Listener::open(asio::any_io_executor executor,
                                                 const std::string& place) {
  const bool is_unix = place.starts_with("unix:");
  const std::string path = is_unix ? place.substr(5) : std::string();
  const auto fd = is_unix ? listen_unix(path, place) : listen_inet(place);
  if (!fd) return tl::unexpected(fd.error());
  return std::make_shared<Listener>(std::move(executor), *fd, path);
}

}  // namespace mxswitch::orchestrator
