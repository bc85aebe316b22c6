// One c-ares channel for one server. c-ares pairs, times and falls back to TCP; its UDP "socket"
// is a token, so datagrams leave and come in through the caller. What leaves is the query as it was
// given, and what an outcome gets is the reply as it came: c-ares's own id and its reading of
// messages, which differ between its releases, stay in here. Used from the loop's thread.
#pragma once

#include <ares.h>

#include <asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/endpoint.h"
#include "probes/dns/query_bytes.h"
#include "probes/dns/shown_reply.h"

namespace mxswitch::probes {

class AresChannel : public std::enable_shared_from_this<AresChannel> {
 public:
  // `status` is of ares.h; the message is empty unless it is ARES_SUCCESS. Called from within
  // c-ares: it may only note the outcome.
  using Outcome =
      std::function<void(int status, std::span<const std::uint8_t> message, bool over_tcp)>;
  // Sends a datagram to the server of the channel.
  using SendDatagram = std::function<bool(std::span<const std::uint8_t>)>;

  // `timeout` bounds a query (one try).
  static Result<std::shared_ptr<AresChannel>> open(asio::any_io_executor loop,
                                                   const Endpoint& server, bool tcp,
                                                   Duration timeout, SendDatagram send);
  ~AresChannel();  // outcomes of what is in flight are called with ARES_EDESTRUCTION
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  // The ids of queries in flight must differ.
  void send(const MessageBytes& query, Outcome outcome);
  // A datagram from the server that fits a question in flight.
  void deliver(std::span<const std::uint8_t> datagram);
  void expire();  // ends the queries whose time is over
  void cancel();
  std::size_t in_flight() const { return in_flight_; }

 private:
  struct Watch;
  struct Waiting;
  struct Hooks;  // the functions that c-ares calls
  struct ChannelFree {
    void operator()(ares_channel channel) const { ares_destroy(channel); }
  };

  AresChannel(asio::any_io_executor loop, const Endpoint& server, SendDatagram send);
  Result<void> start(bool tcp, Duration timeout);
  void watch(ares_socket_t socket, bool readable, bool writable);
  ares_ssize_t receive_tcp(ares_socket_t socket, void* buffer, std::size_t size, int flags);
  void read_tcp(ares_socket_t socket);
  static void arm(const std::shared_ptr<AresChannel>& channel, const std::shared_ptr<Watch>& watch,
                  bool for_write);

  asio::any_io_executor loop_;
  Endpoint server_;
  SendDatagram send_;
  std::span<const std::uint8_t> leaving_;    // the query that c-ares is being given
  std::span<const std::uint8_t> delivered_;  // the datagram that came
  MessageBytes inbox_;                       // what c-ares may read of it
  TcpReplies tcp_replies_;
  std::unordered_map<std::uint16_t, std::uint16_t> ares_ids_;  // by ours, of datagrams in flight
  std::size_t in_flight_ = 0;
  bool tcp_ = false;                                         // from the start
  std::map<ares_socket_t, std::shared_ptr<Watch>> watches_;  // TCP connections
  // Last: it is destroyed first and calls back into the members above.
  std::unique_ptr<std::remove_pointer_t<ares_channel>, ChannelFree> channel_;
};

}  // namespace mxswitch::probes
