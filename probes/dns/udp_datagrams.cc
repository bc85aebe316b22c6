#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/ip/udp.hpp>
#include <asio/post.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "probes/dns/datagrams.h"
#include "probes/dns/query_bytes.h"
#include "probes/dns/socket_address.h"
#include "probes/dns/source_ports.h"

namespace mxswitch::probes {
namespace {

// Datagrams that one socket may hand up before the loop serves others.
constexpr std::size_t kMostAtOnce = 64;
constexpr std::size_t kBatch = 32;  // that a system call may take or bring
// Above what c-ares reads at once (4,097); longer ones are cut here and dropped above.
constexpr std::size_t kBuffer = 4352;

using Steady = std::chrono::steady_clock;

// Ports that were renewed hear late answers for a while; so many of a family at most, the oldest
// close first.
constexpr Duration kHearsOn = seconds(10);
constexpr std::size_t kMostHearing = 128;

struct Port {
  explicit Port(const asio::any_io_executor& loop) : socket(loop) {}
  asio::ip::udp::socket socket;
  std::size_t number = 0;  // no other one has it
  std::size_t sent = 0;
  Steady::time_point opened_at{}, left_at{};

  bool is_worn(Steady::time_point now) const {
    return sent >= kQueriesAPort || now - opened_at >= kOldestPort;
  }
};

struct Outgoing {
  std::shared_ptr<Port> port;
  Endpoint to;
  std::size_t begin = 0, size = 0;  // of its octets in the outbox
};

// The datagrams of one turn of the loop, and their octets one behind the other.
struct Outbox {
  std::vector<Outgoing> datagrams;
  MessageBytes octets;

  std::span<std::uint8_t> octets_of(const Outgoing& one) {
    return std::span(octets).subspan(one.begin, one.size);
  }
  void clear() {
    datagrams.clear();
    octets.clear();
  }
};

struct Shared {
  Datagrams::Receiver receiver;
  Datagrams::Refused refused;
  Outbox outbox, leaving;
  bool closed = false;
};

// As many as one system call takes. All of one port; answers how many left before one did not.
std::size_t send_together(Outbox& outbox, std::span<const Outgoing> run) {
  std::array<SocketAddress, kBatch> to;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
  for (std::size_t i = 0; i < run.size(); ++i) {
    to[i] = to_socket_address(run[i].to);
    const auto octets = outbox.octets_of(run[i]);
    parts[i] = {octets.data(), octets.size()};
    messages[i] = {};
    messages[i].msg_hdr.msg_name = &to[i].storage;
    messages[i].msg_hdr.msg_namelen = to[i].size;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(run.front().port->socket.native_handle(), messages.data(),
                              static_cast<unsigned>(run.size()), MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

// Datagrams leave together at the end of a turn of the loop: a server on this machine or behind one
// card is woken once for all, and not once for each.
void flush(const std::shared_ptr<Shared>& shared) {
  Outbox& leaving = shared->leaving;
  std::swap(shared->outbox, leaving);
  for (std::span<const Outgoing> left(leaving.datagrams); !left.empty() && !shared->closed;) {
    std::size_t run = 1;
    while (run < std::min(left.size(), kBatch) && left[run].port == left[0].port) ++run;
    const std::size_t sent = send_together(leaving, left.first(run));
    left = left.subspan(sent);
    if (sent == run) continue;
    if (shared->refused) shared->refused(left.front().to, leaving.octets_of(left.front()));
    left = left.subspan(1);
  }
  leaving.clear();
}

// Room for the datagrams that one system call brings.
struct Inbox {
  std::array<std::array<std::uint8_t, kBuffer>, kBatch> buffers;
  std::array<sockaddr_storage, kBatch> from;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;

  // How many came; none: nothing is waiting.
  std::size_t fill(int socket) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {buffers[i].data(), kBuffer};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &from[i];
      messages[i].msg_hdr.msg_namelen = sizeof from[i];
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(socket, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
};

// A handler keeps the state that it needs alive itself, so it may run after the owner is gone.
void drain(const std::shared_ptr<Port>& port, const std::shared_ptr<Shared>& shared) {
  Inbox inbox;  // not initialised: most of it is never used
  std::size_t count = kBatch;
  for (std::size_t seen = 0; count == kBatch && seen < kMostAtOnce; seen += count) {
    count = inbox.fill(port->socket.native_handle());
    for (std::size_t i = 0; i < count && !shared->closed; ++i) {
      const auto peer = from_socket_address(inbox.from[i]);
      if (peer && shared->receiver)
        shared->receiver(port->number, *peer, {inbox.buffers[i].data(), inbox.messages[i].msg_len});
    }
    if (shared->closed) return;
  }
}

void listen(const std::shared_ptr<Port>& port, const std::shared_ptr<Shared>& shared) {
  port->socket.async_wait(asio::ip::udp::socket::wait_read, [port, shared](std::error_code error) {
    if (error || shared->closed) return;
    drain(port, shared);
    if (!shared->closed) listen(port, shared);
  });
}

class UdpDatagrams final : public Datagrams {
 public:
  UdpDatagrams(asio::any_io_executor loop, std::size_t sockets)
      : loop_(std::move(loop)), sockets_(sockets), shared_(std::make_shared<Shared>()) {}

  ~UdpDatagrams() override {
    shared_->closed = true;
    for (auto* family : {&v4_, &v6_}) {
      for (const auto& port : family->ports) close(*port);
      for (const auto& port : family->hearing) close(*port);
    }
  }

  std::size_t count(bool v6) override { return family(v6).ports.size(); }

  bool send(std::size_t socket, const Endpoint& to,
            std::span<const std::uint8_t> datagram) override {
    auto& ports = family(to.address.is_v6()).ports;
    if (socket >= ports.size()) return false;
    Outbox& outbox = shared_->outbox;
    ++ports[socket]->sent;
    if (outbox.datagrams.empty()) asio::post(loop_, [shared = shared_] { flush(shared); });
    outbox.datagrams.push_back({ports[socket], to, outbox.octets.size(), datagram.size()});
    outbox.octets.insert(outbox.octets.end(), datagram.begin(), datagram.end());
    return true;
  }

  std::size_t port_of(bool v6, std::size_t socket) override {
    Family& family = this->family(v6);
    if (socket >= family.ports.size()) return socket;
    const auto now = Steady::now();
    if (family.ports[socket]->is_worn(now)) renew(family, v6, socket, now);
    return family.ports[socket]->number;
  }

  std::size_t waiting() const override { return shared_->outbox.datagrams.size(); }

  void on_refused(Refused refused) override { shared_->refused = std::move(refused); }

  void on_receive(Receiver receiver) override { shared_->receiver = std::move(receiver); }

 private:
  struct Family {
    bool opened = false;
    std::vector<std::shared_ptr<Port>> ports;
    std::deque<std::shared_ptr<Port>> hearing;  // renewed, the oldest first
  };

  Family& family(bool v6) {
    Family& family = v6 ? v6_ : v4_;
    if (family.opened) return family;
    family.opened = true;
    for (std::size_t i = 0; i < sockets_; ++i) {
      auto port = open(v6);
      if (!port) break;
      family.ports.push_back(std::move(port));
    }
    return family;
  }

  // Null where the system gives none.
  std::shared_ptr<Port> open(bool v6) {
    const auto protocol = v6 ? asio::ip::udp::v6() : asio::ip::udp::v4();
    auto port = std::make_shared<Port>(loop_);
    std::error_code error;
    port->socket.open(protocol, error);
    if (!error) port->socket.bind(asio::ip::udp::endpoint(protocol, 0), error);
    if (!error) port->socket.non_blocking(true, error);
    if (error) return nullptr;
    port->number = opened_++;
    port->opened_at = Steady::now();
    listen(port, shared_);
    return port;
  }

  // Where the system gives no other port the worn one goes on.
  void renew(Family& family, bool v6, std::size_t socket, Steady::time_point now) {
    auto fresh = open(v6);
    if (!fresh) return;
    std::swap(family.ports[socket], fresh);
    fresh->left_at = now;
    family.hearing.push_back(std::move(fresh));
    while (family.hearing.size() > kMostHearing ||
           (!family.hearing.empty() && now - family.hearing.front()->left_at >= kHearsOn)) {
      close(*family.hearing.front());
      family.hearing.pop_front();
    }
  }

  static void close(Port& port) {
    std::error_code ignored;
    port.socket.close(ignored);
  }

  asio::any_io_executor loop_;
  std::size_t sockets_, opened_ = 0;
  std::shared_ptr<Shared> shared_;
  Family v4_, v6_;
};

}  // namespace

std::unique_ptr<Datagrams> make_udp_datagrams(asio::any_io_executor loop, std::size_t sockets) {
  return std::make_unique<UdpDatagrams>(std::move(loop), sockets);
}

}  // namespace mxswitch::probes
