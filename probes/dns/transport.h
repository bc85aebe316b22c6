// Asks one server one question. The seam between everything that asks and the network: the
// c-ares transport below it in programs, a simulated one in tests.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/endpoint.h"
#include "probes/dns/source_ports.h"
#include "probes/dns/wire.h"

namespace mxswitch::probes {

struct Query {
  Endpoint server;
  Question question;
  QueryFlags flags;
  Duration deadline = seconds(6);
  // Of the answer too, counted from the asking: where queries wait for their turn, one whose turn
  // comes later than this is not sent.
  Duration patience = Duration::max();
  bool tcp = false;  // TCP from the start; else UDP, and TCP on truncation
  Sections wanted = Sections::all;
};

// What came of it. A SERVFAIL or REFUSED is an answer; only silence and garbage are errors.
struct Reply {
  Time sent_at, received_at;
  Duration rtt{0};
  bool over_tcp = false;
  Result<Answer> answer = fail(Fault::timed_out, "no answer");
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Never throws; ends at the deadline at the latest, or where queries wait for their turn at the
  // end of its patience. Called and resumed on the loop's thread.
  virtual asio::awaitable<Reply> ask(Query query) = 0;
};

struct TransportOptions {
  // Open source ports. One is drawn at random for the queries of one turn of the loop, and after 16
  // of them again; each is renewed as source_ports.h says.
  std::size_t udp_sockets = kSourcePorts;
};

struct TransportCounters {
  std::uint64_t sent = 0, answered = 0, timed_out = 0;
  std::uint64_t dropped = 0;  // datagrams whose peer, port, id or question did not match
};

class NetworkTransport : public Transport {
 public:
  virtual TransportCounters counters() const = 0;
  virtual void cancel_all() = 0;  // every pending ask ends with `unavailable`
};

// c-ares over a pool of datagram sockets (DESIGN: Datagrams). `clock` must outlive it.
std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor loop, const Clock& clock,
                                                 TransportOptions options);
// The same over datagrams of the caller's: a simulated network in tests. TCP stays real.
class Datagrams;
std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor loop, const Clock& clock,
                                                 std::unique_ptr<Datagrams> datagrams);

}  // namespace mxswitch::probes
