// An address and port at which a DNS server answers.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::probes {

class IpAddress {
 public:
  IpAddress() = default;                                  // 0.0.0.0
  static Result<IpAddress> parse(std::string_view text);  // no brackets, no zone index
  static IpAddress v4(const std::array<std::uint8_t, 4>& octets);
  static IpAddress v6(const std::array<std::uint8_t, 16>& octets);

  bool is_v6() const { return v6_; }
  const char* family() const { return family_name(v6_); }
  static const char* family_name(bool v6) { return v6 ? "IPv6" : "IPv4"; }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }  // v4: the first four
  std::string text() const;
  auto operator<=>(const IpAddress&) const = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 53;

  // "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".
  static Result<Endpoint> parse(std::string_view text);
  std::string text() const;  // the port only where it is not 53
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace mxswitch::probes
