// A pool of datagram sockets, each with a source port of its own: the seam between the
// transport and UDP. Tests put a simulated network here. Used from the loop's thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

class Datagrams {
 public:
  using Receiver = std::function<void(std::size_t port, const Endpoint& from,
                                      std::span<const std::uint8_t> datagram)>;

  virtual ~Datagrams() = default;
  // How many sockets there are for a family; they are numbered from 0. None: it can't be used.
  virtual std::size_t count(bool v6) = 0;
  // The port by which the next datagram of this socket leaves, as on_receive will call it: another
  // one once it was renewed.
  virtual std::size_t port_of(bool, std::size_t socket) { return socket; }
  // Never waits. False when there is no such socket; what the system refuses is told to on_refused,
  // maybe later.
  virtual bool send(std::size_t socket, const Endpoint& to,
                    std::span<const std::uint8_t> datagram) = 0;
  // How many were sent in this turn of the loop and leave together at its end.
  virtual std::size_t waiting() const { return 0; }
  // Called with a datagram that did not leave. Never called from within send(), nor after this
  // object is gone.
  using Refused = std::function<void(const Endpoint& to, std::span<const std::uint8_t> datagram)>;
  virtual void on_refused(Refused refused) = 0;
  // Called for all that arrives, whoever sent it. Never called from within send(), nor after
  // this object is gone.
  virtual void on_receive(Receiver receiver) = 0;
};

// Real UDP. The sockets of a family are opened when it is first used.
std::unique_ptr<Datagrams> make_udp_datagrams(asio::any_io_executor loop, std::size_t sockets);

}  // namespace mxswitch::probes
