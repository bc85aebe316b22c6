#include "probes/dns/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace mxswitch::probes {
namespace {

constexpr std::uint16_t kDnsPort = 53;

Failure bad_address(std::string what, std::string_view text) {
  return fail(Fault::usage, std::move(what), "address \"" + std::string(text.substr(0, 80)) + "\"",
              "write it like 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353");
}

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view whole) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) {
    return bad_address("the port is not a number from 1 to 65535", whole);
  }
  return port;
}

Result<Endpoint> join(std::string_view address, std::string_view port, std::string_view whole) {
  const auto parsed_address = IpAddress::parse(address);
  if (!parsed_address) return bad_address("this is no IP address", whole);
  const auto parsed_port = parse_port(port, whole);
  if (!parsed_port) return Failure(parsed_port.error());
  return Endpoint{*parsed_address, *parsed_port};
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  IpAddress address;
  address.v6_ = text.find(':') != std::string_view::npos;
  const bool whole = text.size() < terminated.size() && text.find('\0') == std::string_view::npos;
  if (whole) std::copy(text.begin(), text.end(), terminated.begin());
  const int family = address.v6_ ? AF_INET6 : AF_INET;
  if (!whole || inet_pton(family, terminated.data(), address.bytes_.data()) != 1) {
    return bad_address("this is no IP address", text);
  }
  return address;
}

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress address;
  address.v6_ = true;
  address.bytes_ = octets;
  return address;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return bad_address("the bracket is not closed", text);
    const std::string_view address = text.substr(1, close - 1), rest = text.substr(close + 1);
    if (address.find(':') == std::string_view::npos) {
      return bad_address("brackets are for IPv6", text);
    }
    if (rest.empty()) return join(address, "53", text);
    if (!rest.starts_with(':')) return bad_address("a colon and a port follow the bracket", text);
    return join(address, rest.substr(1), text);
  }
  const auto colon = text.find(':');
  const bool one_colon = colon != std::string_view::npos && colon == text.rfind(':');
  if (one_colon) return join(text.substr(0, colon), text.substr(colon + 1), text);
  return join(text, "53", text);
}

std::string Endpoint::text() const {
  if (port == kDnsPort) return address.text();
  const std::string host = address.is_v6() ? "[" + address.text() + "]" : address.text();
  return host + ":" + std::to_string(port);
}

}  // namespace mxswitch::probes
