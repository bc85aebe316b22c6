#include "probes/dns/ares_channel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
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
// Since 1.28 it asks for hosts' names alone, and a name of the DNS may be of any octets (RFC 2181
// section 11), as macros of SPF make them. Over UDP it never sees what leaves and comes; over TCP
// it would ask for what it holds, so such a query fails there.
constexpr bool kKnowsHostsAlone = ARES_VERSION >= 0x011c00;

// What c-ares holds in the place of a message.
MessageBytes held(MessageBytes message) {
  if (kKnowsHostsAlone) name_a_host(message);
  return message;
}

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

struct AresChannel::Waiting {
  AresChannel* channel;
  std::uint16_t id;  // ours
  Outcome outcome;
};

struct AresChannel::Hooks {
  static AresChannel& self(void* data) { return *static_cast<AresChannel*>(data); }

  static ares_socket_t make_socket(int family, int type, int protocol, void* data) {
    if (type == SOCK_DGRAM) return kToken;
    self(data).tcp_replies_ = {};
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
    AresChannel& channel = self(data);
    if (socket != kToken) return channel.receive_tcp(socket, buffer, size, flags);
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
    AresChannel& channel = self(data);
    // A UDP query leaves in one piece, and at once: there are no second tries.
    if (count != 1 || parts->iov_len < kHeaderOctets || channel.leaving_.empty()) {
      errno = EINVAL;
      return -1;
    }
    const std::span asked(static_cast<const std::uint8_t*>(parts->iov_base), parts->iov_len);
    channel.ares_ids_[message_id(channel.leaving_)] = message_id(asked);
    if (channel.send_(channel.leaving_)) return static_cast<ares_ssize_t>(asked.size());
    errno = ENETUNREACH;
    return -1;
  }
  static void state(void* data, ares_socket_t socket, int readable, int writable) {
    if (socket != kToken) self(data).watch(socket, readable != 0, writable != 0);
  }
  static void outcome(void* argument, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(argument));
    AresChannel& channel = *waiting->channel;
    --channel.in_flight_;
    channel.ares_ids_.erase(waiting->id);
    const bool over_tcp = channel.delivered_.empty();
    if (status != ARES_SUCCESS || bytes == nullptr || size < static_cast<int>(kHeaderOctets)) {
      waiting->outcome(status, {}, over_tcp);
    } else if (!over_tcp && is_truncated(channel.delivered_)) {
      waiting->outcome(ARES_EBADNAME, {}, false);  // see deliver()
    } else if (!over_tcp) {
      waiting->outcome(status, channel.delivered_, false);
    } else if (auto reply = channel.tcp_replies_.take(message_id({bytes, kHeaderOctets}))) {
      set_message_id(*reply, waiting->id);
      waiting->outcome(status, *reply, true);
    } else {
      waiting->outcome(ARES_EBADRESP, {}, true);
    }
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
  tcp_ = tcp;
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
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
             ARES_OPT_RESOLVCONF | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE  // since 1.31, and on by itself: answers must be of now
  options.qcache_max_ttl = 0;
  mask |= ARES_OPT_QUERY_CACHE;
#endif
#ifdef ARES_OPT_MAXTIMEOUTMS  // since 1.22; by itself 5 s, and a deadline may be longer
  options.maxtimeout = options.timeout;
  mask |= ARES_OPT_MAXTIMEOUTMS;
#endif
  ares_channel raw = nullptr;
  int status = ares_init_options(&raw, &options, mask);
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
  auto waiting = std::make_unique<Waiting>(Waiting{this, message_id(query), std::move(outcome)});
  ++in_flight_;
  leaving_ = query;
  // c-ares hands the argument back exactly once, to Hooks::outcome, which takes it over.
  const MessageBytes shown = tcp_ ? query : held(query);
  ares_send(channel_.get(), shown.data(), static_cast<int>(shown.size()), Hooks::outcome,
            waiting.release());
  leaving_ = {};
}

void AresChannel::deliver(std::span<const std::uint8_t> datagram) {
  const auto asked = ares_ids_.find(message_id(datagram));
  if (asked == ares_ids_.end()) return;
  const MessageBytes shown = shown_reply(datagram, asked->second);
  inbox_ = held(shown);
  if (inbox_ != shown) clear_truncated(inbox_);
  delivered_ = datagram;
  ares_process_fd(channel_.get(), kToken, ARES_SOCKET_BAD);
  delivered_ = {};
  inbox_.clear();
}

// c-ares reads what stands for the replies that came; whole ones alone, however they were cut.
ares_ssize_t AresChannel::receive_tcp(ares_socket_t socket, void* buffer, std::size_t size,
                                      int flags) {
  if (tcp_replies_.unread() == 0) {
    std::array<std::uint8_t, 16384> octets;
    const ares_ssize_t came = ::recv(socket, octets.data(), octets.size(), flags);
    if (came <= 0) return came;
    tcp_replies_.feed(std::span(octets).first(static_cast<std::size_t>(came)));
  }
  const std::size_t given = tcp_replies_.read({static_cast<std::uint8_t*>(buffer), size});
  if (given > 0) return static_cast<ares_ssize_t>(given);
  errno = EWOULDBLOCK;
  return -1;
}

// c-ares reads in pieces of its own choice; the kernel tells of no octets that we hold already.
void AresChannel::read_tcp(ares_socket_t socket) {
  std::size_t unread = 0;
  do {
    unread = tcp_replies_.unread();
    ares_process_fd(channel_.get(), socket, ARES_SOCKET_BAD);
  } while (tcp_replies_.unread() != 0 && tcp_replies_.unread() != unread);
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
        if (for_write)
          ares_process_fd(alive->channel_.get(), ARES_SOCKET_BAD, watch->socket);
        else
          alive->read_tcp(watch->socket);
        arm(alive, watch, for_write);
      });
}

}  // namespace mxswitch::probes
