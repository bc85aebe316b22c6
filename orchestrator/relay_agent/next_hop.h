// Next hops as the control API writes them and Postfix reads them: "smtp:[mail.shop.example]:25",
// "lmtp:unix:private/dovecot-lmtp", "lmtp:inet:192.0.2.1:24". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

enum class NextHopKind { smtp, lmtp_inet, lmtp_unix };

struct NextHop {
  NextHopKind kind = NextHopKind::smtp;
  std::string host;         // name or address without brackets; empty for unix
  bool is_address = false;  // of IPv4 or IPv6: never looked up
  std::uint16_t port = 25;
  std::string path;  // unix only

  bool operator==(const NextHop&) const = default;
};

// Fails with `usage` (the API answers 422): another form, a character that Postfix would read as
// something else, or a host name without brackets: its MX look-up would lead back to the relay.
Result<NextHop> parse_next_hop(std::string_view text);

// As a transport answer. With `soak` the transports that keep refused mail in the queue are named.
std::string to_transport(const NextHop& hop, bool soak);

}  // namespace mxswitch::orchestrator
