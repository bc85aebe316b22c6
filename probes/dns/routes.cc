#include "probes/dns/routes.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "probes/dns/socket_address.h"

namespace mxswitch::probes {
namespace {

constexpr std::uint16_t kAnyPort = 53;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::optional<IpAddress> address_of(const sockaddr* given) {
  if (given == nullptr || (given->sa_family != AF_INET && given->sa_family != AF_INET6))
    return std::nullopt;
  sockaddr_storage storage{};
  std::memcpy(&storage, given,
              given->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  const auto endpoint = from_socket_address(storage);
  return endpoint ? std::optional(endpoint->address) : std::nullopt;
}

}  // namespace

// To connect a datagram socket looks the route up and sends nothing (connect(2)).
bool has_route(const IpAddress& address) {
  const int family = address.is_v6() ? AF_INET6 : AF_INET;
  const Descriptor socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return false;
  const SocketAddress to = to_socket_address({address, kAnyPort});
  return ::connect(socket.number(), to.get(), to.size) == 0;
}

bool is_own_address(const IpAddress& address) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return false;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const bool loopback = (one->ifa_flags & IFF_LOOPBACK) != 0;
    if (!loopback && address_of(one->ifa_addr) == address) return true;
  }
  return false;
}

IpAddress far_address(bool v6) {
  return IpAddress::parse(v6 ? "2001:503:ba3e::2:30" : "198.41.0.4").value();
}

}  // namespace mxswitch::probes
