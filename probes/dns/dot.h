// Asks one server one question by DNS over TLS (RFC 7858): who proves that name by a certificate
// is the server itself, so nobody on the way answers in its place. One connection a question, since
// they are rare. Used from the loop's thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/transport.h"

namespace mxswitch::probes {

inline constexpr std::uint16_t kDotPort = 853;

struct DotQuery {
  Endpoint server;
  std::string name;  // that its certificate must hold: a host name or an address
  Question question;
  QueryFlags flags;
  Duration deadline = seconds(6);  // of all, from the connection on
};

class DotAsker {
 public:
  virtual ~DotAsker() = default;
  // Never throws; ends at the deadline at the latest. An answer is one of the server that was
  // meant: without the proof there is none. Fails with `unavailable` (no connection, no TLS, a
  // certificate that can't be verified), `timed_out` or `malformed`.
  virtual asio::awaitable<Reply> ask(DotQuery query) = 0;
};

// The system's trust store counts, and what `ca_file` (PEM) holds beside it; empty: none. Fails
// with `usage` when that can't be read. `clock` must outlive it and every ask() under way.
Result<std::unique_ptr<DotAsker>> make_dot_asker(asio::any_io_executor loop, const Clock& clock,
                                                 const std::string& ca_file = {});

}  // namespace mxswitch::probes
