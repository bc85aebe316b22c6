#include "orchestrator/relay_agent/next_hop.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kLimit = 300;  // of the contract

Failure refuse(std::string_view text, std::string what) {
  return fail(Fault::usage, std::move(what), std::string(text.substr(0, kLimit)),
              "write smtp:[HOST]:PORT, lmtp:inet:ADDRESS:PORT or lmtp:unix:PATH");
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == ':';
}

bool is_path_character(char c) { return c > ' ' && c < 0x7f && c != ',' && c != ';' && c != '"'; }

Result<std::uint16_t> parse_port(std::string_view whole, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return refuse(whole, "a next hop's port is a number from 1 to 65535");
  }
  return port;
}

// HOST, HOST:PORT, [HOST] or [HOST]:PORT.
Result<NextHop> parse_inet(std::string_view whole, std::string_view rest, NextHop hop) {
  std::string_view port;
  const bool bracketed = rest.starts_with('[');
  if (bracketed) {
    const auto close = rest.find(']');
    if (close == rest.npos) return refuse(whole, "the bracket of the next hop is not closed");
    hop.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest.front() != ':') return refuse(whole, "text after the bracket");
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return refuse(whole, "the port after the colon is missing");
  } else {
    const auto colon = rest.rfind(':');
    hop.host = rest.substr(0, colon);
    if (colon != rest.npos) port = rest.substr(colon + 1);
  }
  if (hop.host.empty() || !std::ranges::all_of(hop.host, is_host_character)) {
    return refuse(whole, "the next hop names no host");
  }
  hop.is_address = is_address(hop.host);
  if (!hop.is_address && hop.host.find(':') != hop.host.npos) {
    return refuse(whole, "the next hop's host is neither a name nor an address");
  }
  if (!hop.is_address && !bracketed) {
    return refuse(whole, "a host name without brackets is looked up by MX and leads back here");
  }
  if (!port.empty()) {
    const auto number = parse_port(whole, port);
    if (!number) return tl::unexpected(number.error());
    hop.port = *number;
  }
  return hop;
}

}  // namespace

Result<NextHop> parse_next_hop(std::string_view text) {
  if (text.size() > kLimit) return refuse(text, "a next hop has at most 300 characters");
  NextHop hop;
  if (text.starts_with("smtp:")) return parse_inet(text, text.substr(5), hop);
  if (text.starts_with("lmtp:inet:")) {
    hop.kind = NextHopKind::lmtp_inet;
    hop.port = 24;
    return parse_inet(text, text.substr(10), hop);
  }
  if (text.starts_with("lmtp:unix:")) {
    hop.kind = NextHopKind::lmtp_unix;
    hop.path = text.substr(10);
    if (hop.path.empty() || !std::ranges::all_of(hop.path, is_path_character)) {
      return refuse(text, "the next hop names no socket");
    }
    return hop;
  }
  return refuse(text, "a next hop begins with smtp:, lmtp:inet: or lmtp:unix:");
}

std::string to_transport(const NextHop& hop, bool soak) {
  const std::string prefix = soak ? "soak-" : "";
  if (hop.kind == NextHopKind::lmtp_unix) return prefix + "lmtp:unix:" + hop.path;
  const std::string place = "[" + hop.host + "]:" + std::to_string(hop.port);
  return prefix + (hop.kind == NextHopKind::smtp ? "smtp:" : "lmtp:inet:") + place;
}

}  // namespace mxswitch::orchestrator
