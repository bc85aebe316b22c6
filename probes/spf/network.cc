#include "probes/spf/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mxswitch::probes::spf {
namespace {

constexpr unsigned kBitsV4 = 32, kBitsV6 = 128;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "0", or digits that begin with another one.
std::optional<unsigned> parse_prefix(std::string_view digits, unsigned most) {
  if (digits.empty() || digits.size() > 3 || !all_digits(digits)) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value <= most ? std::optional(value) : std::nullopt;
}

Failure bad_prefix(std::string_view digits, unsigned most) {
  return fail(Fault::malformed,
              fmt::format("\"/{}\" is no prefix length of 0 to {}", digits, most));
}

}  // namespace

Result<Network> parse_network(std::string_view text, bool v6) {
  const unsigned bits = v6 ? kBitsV6 : kBitsV4;
  const std::size_t slash = text.find('/');
  Network network;
  network.prefix = bits;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_prefix(text.substr(slash + 1), bits);
    if (!prefix) return bad_prefix(text.substr(slash + 1), bits);
    network.prefix = *prefix;
  }
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || address->is_v6() != v6)
    return fail(Fault::malformed, v6 ? "no IPv6 address" : "no IPv4 address", std::string(text));
  network.address = *address;
  return network;
}

Result<void> take_dual_prefix(std::string_view& text, unsigned& v4, unsigned& v6) {
  const auto tail = [&] { return text.substr(text.find_last_of('/') + 1); };
  const auto ends_in_digits = [&] {
    return text.find('/') != std::string_view::npos && !tail().empty() && all_digits(tail());
  };
  if (!ends_in_digits()) return {};
  std::string_view digits = tail();
  std::string_view before = text.substr(0, text.size() - digits.size() - 1);
  if (!before.empty() && before.back() == '/') {
    const auto prefix = parse_prefix(digits, kBitsV6);
    if (!prefix) return bad_prefix(digits, kBitsV6);
    v6 = *prefix;
    text = before.substr(0, before.size() - 1);
    if (!ends_in_digits()) return {};
    digits = tail();
    before = text.substr(0, text.size() - digits.size() - 1);
  }
  const auto prefix = parse_prefix(digits, kBitsV4);
  if (!prefix) return bad_prefix(digits, kBitsV4);
  v4 = *prefix;
  text = before;
  return {};
}

bool in_network(const IpAddress& ip, const IpAddress& network, unsigned prefix) {
  if (ip.is_v6() != network.is_v6()) return false;
  const std::size_t whole = prefix / 8;
  const unsigned rest = prefix % 8;
  const auto &a = ip.bytes(), &b = network.bytes();
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00u >> rest);
  return (a[whole] & mask) == (b[whole] & mask);
}

}  // namespace mxswitch::probes::spf
