#include "probes/dns/ares_channel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>

#include "probes/dns/socket_address.h"

namespace mxswitch::probes {
namespace {

// No descriptor of the system: the token that c-ares takes for its UDP socket.
constexpr ares_socket_t kToken = 1 << 30;
// c-ares reads at most this many octets of a datagram; larger than any that we ask for.
constexpr int kLargestDatagram = 4096;

struct Waiting {
  AresChannel::Outcome outcome;
  bool* delivering;
  std::size_t* in_flight;
};

ares_addr_port_node to_node(const Endpoint& server) {
  ares_addr_port_node node{};
  node.family = server.address.is_v6() ? AF_INET6 : AF_INET;
  std::memcpy(&node.addr, server.address.bytes().data(), server.address.is_v6() ? 16 : 4);
  node.udp_port = node.tcp_port = server.port;
  return node;
}

}  // namespace

// One TCP connection that c-ares made. The descriptor belongs to c-ares, which closes it.
struct AresChannel::Watch {
  Watch(const asio::any_io_executor& loop, ares_socket_t number)
      : socket(number), descriptor(loop, number) {}
  ares_socket_t socket;
  asio::posix::stream_descriptor descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;  // a wait is under way
};

struct AresChannel::Hooks {
  static AresChannel& self(void* data) { return *static_cast<AresChannel*>(data); }

  static ares_socket_t make_socket(int family, int type, int protocol, void*) {
    if (type == SOCK_DGRAM) return kToken;
    return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  }
  static int close_socket(ares_socket_t socket, void*) {
    return socket == kToken ? 0 : ::close(socket);
  }
  static int connect_socket(ares_socket_t socket, const sockaddr* address, ares_socklen_t size,
                            void*) {
    return socket == kToken ? 0 : ::connect(socket, address, size);
  }
  static ares_ssize_t receive(ares_socket_t socket, void* buffer, std::size_t size, int flags,
                              sockaddr* from, ares_socklen_t* from_size, void* data) {
    if (socket != kToken) return ::recvfrom(socket, buffer, size, flags, from, from_size);
    AresChannel& channel = self(data);
    // Nought octets would look like a closed socket and end every query of the channel.
    if (channel.inbox_.empty() || channel.inbox_.size() > size) {
      errno = EWOULDBLOCK;
      return -1;
    }
    std::memcpy(buffer, channel.inbox_.data(), channel.inbox_.size());
    const SocketAddress server = to_socket_address(channel.server_);
    if (from && from_size && *from_size >= server.size) {
      std::memcpy(from, &server.storage, server.size);
      *from_size = server.size;
    }
    return static_cast<ares_ssize_t>(std::exchange(channel.inbox_, {}).size());
  }
  static ares_ssize_t send(ares_socket_t socket, const iovec* parts, int count, void* data) {
    if (socket != kToken) {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(parts);  // sendmsg doesn't write to it
      message.msg_iovlen = static_cast<std::size_t>(count);
      return ::sendmsg(socket, &message, MSG_NOSIGNAL);
    }
    if (count != 1) {  // a UDP query leaves in one piece
      errno = EINVAL;
      return -1;
    }
    const std::span datagram(static_cast<const std::uint8_t*>(parts->iov_base), parts->iov_len);
    if (self(data).send_(datagram)) return static_cast<ares_ssize_t>(datagram.size());
    errno = ENETUNREACH;
    return -1;
  }
  static void state(void* data, ares_socket_t socket, int readable, int writable) {
    if (socket != kToken) self(data).watch(socket, readable != 0, writable != 0);
  }
  static void outcome(void* argument, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(argument));
    --*waiting->in_flight;
    std::span<const std::uint8_t> message;
    if (status == ARES_SUCCESS && bytes) message = {bytes, static_cast<std::size_t>(size)};
    waiting->outcome(status, message, !*waiting->delivering);
  }
};

AresChannel::AresChannel(asio::any_io_executor loop, const Endpoint& server, SendDatagram send)
    : loop_(std::move(loop)), server_(server), send_(std::move(send)) {}

AresChannel::~AresChannel() = default;

Result<std::shared_ptr<AresChannel>> AresChannel::open(asio::any_io_executor loop,
                                                       const Endpoint& server, bool tcp,
                                                       Duration timeout, SendDatagram send) {
  std::shared_ptr<AresChannel> channel(new AresChannel(std::move(loop), server, std::move(send)));
  const auto started = channel->start(tcp, timeout);
  if (!started) return Failure(started.error());
  return channel;
}

Result<void> AresChannel::start(bool tcp, Duration timeout) {
  ares_options options{};
  std::string nothing = "/dev/null";  // the machine's own resolvers are not our matter
  std::string files = "b";
  // EDNS only lifts the limit of 512 octets; NOCHECKRESP lets SERVFAIL and REFUSED through.
  options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH |
                  ARES_FLAG_NOALIASES | (tcp ? ARES_FLAG_USEVC : 0);
  options.timeout = static_cast<int>(timeout.count());
  options.tries = 1;
  options.ednspsz = kLargestDatagram;
  options.resolvconf_path = nothing.data();
  options.lookups = files.data();
  options.sock_state_cb = Hooks::state;
  options.sock_state_cb_data = this;
  constexpr int kMask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                        ARES_OPT_RESOLVCONF | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
                        ARES_OPT_SOCK_STATE_CB;
  ares_channel raw = nullptr;
  int status = ares_init_options(&raw, &options, kMask);
  channel_.reset(status == ARES_SUCCESS ? raw : nullptr);
  if (status == ARES_SUCCESS) {
    ares_addr_port_node node = to_node(server_);
    status = ares_set_servers_ports(raw, &node);
  }
  if (status != ARES_SUCCESS) {
    return fail(Fault::internal, ares_strerror(status), "c-ares for " + server_.text());
  }
  static constexpr ares_socket_functions kHooks = {
      Hooks::make_socket, Hooks::close_socket, Hooks::connect_socket, Hooks::receive, Hooks::send};
  ares_set_socket_functions(raw, &kHooks, this);
  return {};
}

void AresChannel::send(const MessageBytes& query, Outcome outcome) {
  auto waiting = std::make_unique<Waiting>(Waiting{std::move(outcome), &delivering_, &in_flight_});
  ++in_flight_;
  // c-ares hands the argument back exactly once, to Hooks::outcome, which takes it over.
  ares_send(channel_.get(), query.data(), static_cast<int>(query.size()), Hooks::outcome,
            waiting.release());
}

void AresChannel::deliver(std::span<const std::uint8_t> datagram) {
  inbox_ = datagram;
  delivering_ = true;
  ares_process_fd(channel_.get(), kToken, ARES_SOCKET_BAD);
  delivering_ = false;
  inbox_ = {};
}

void AresChannel::expire() { ares_process_fd(channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

void AresChannel::cancel() { ares_cancel(channel_.get()); }

void AresChannel::watch(ares_socket_t socket, bool readable, bool writable) {
  auto found = watches_.find(socket);
  if (!readable && !writable) {
    if (found == watches_.end()) return;
    const std::shared_ptr<Watch> ended = found->second;
    watches_.erase(found);
    ended->want_read = ended->want_write = false;
    ended->descriptor.release();  // c-ares closes it next
    return;
  }
  if (found == watches_.end()) {
    found = watches_.emplace(socket, std::make_shared<Watch>(loop_, socket)).first;
  }
  const std::shared_ptr<Watch> watch = found->second;
  watch->want_read = readable;
  watch->want_write = writable;
  arm(shared_from_this(), watch, false);
  arm(shared_from_this(), watch, true);
}

void AresChannel::arm(const std::shared_ptr<AresChannel>& channel,
                      const std::shared_ptr<Watch>& watch, bool for_write) {
  bool& under_way = for_write ? watch->writing : watch->reading;
  const bool wanted = for_write ? watch->want_write : watch->want_read;
  if (under_way || !wanted) return;
  under_way = true;
  const auto kind = for_write ? asio::posix::stream_descriptor::wait_write
                              : asio::posix::stream_descriptor::wait_read;
  watch->descriptor.async_wait(
      kind, [weak = std::weak_ptr(channel), watch, for_write](std::error_code error) {
        (for_write ? watch->writing : watch->reading) = false;
        const auto alive = weak.lock();
        if (error || !alive) return;
        const ares_socket_t none = ARES_SOCKET_BAD;
        ares_process_fd(alive->channel_.get(), for_write ? none : watch->socket,
                        for_write ? watch->socket : none);
        arm(alive, watch, for_write);
      });
}

}  // namespace mxswitch::probes
