#include "probes/dns/edns.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

constexpr std::uint16_t kNsid = 3;
constexpr std::uint16_t kClientSubnet = 8;
constexpr std::uint16_t kExtendedError = 15;
constexpr std::size_t kMaxText = 256;  // of an identity or an error text that is kept
constexpr std::size_t kMaxExtendedErrors = 16;

// RFC 8914 section 5.2, by code.
constexpr std::array<std::string_view, 25> kExtendedErrors = {"Other Error",
                                                              "Unsupported DNSKEY Algorithm",
                                                              "Unsupported DS Digest Type",
                                                              "Stale Answer",
                                                              "Forged Answer",
                                                              "DNSSEC Indeterminate",
                                                              "DNSSEC Bogus",
                                                              "Signature Expired",
                                                              "Signature Not Yet Valid",
                                                              "DNSKEY Missing",
                                                              "RRSIGs Missing",
                                                              "No Zone Key Bit Set",
                                                              "NSEC Missing",
                                                              "Cached Error",
                                                              "Not Ready",
                                                              "Blocked",
                                                              "Censored",
                                                              "Filtered",
                                                              "Prohibited",
                                                              "Stale NXDOMAIN Answer",
                                                              "Not Authoritative",
                                                              "Not Supported",
                                                              "No Reachable Authority",
                                                              "Network Error",
                                                              "Invalid Data"};

std::uint16_t integer_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

bool is_printable(std::uint8_t octet) { return octet >= 0x20 && octet < 0x7f; }

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Text of a stranger that ends in logs and pages: octets outside printable ASCII become '?'.
std::string tamed(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kMaxText))) {
    text += is_printable(byte) ? static_cast<char>(byte) : '?';
  }
  return text;
}

void read_option(std::uint16_t code, std::span<const std::uint8_t> data, Answer& answer) {
  if (code == kNsid) answer.nsid = identity_text(data);
  if (code == kClientSubnet && data.size() >= 4) answer.ecs_scope = data[3];
  if (code == kExtendedError && data.size() >= 2 &&
      answer.extended_errors.size() < kMaxExtendedErrors) {
    answer.extended_errors.push_back({integer_at(data, 0), tamed(data.subspan(2))});
  }
}

}  // namespace

std::string identity_text(std::span<const std::uint8_t> bytes) {
  bytes = bytes.first(std::min(bytes.size(), kMaxText));
  if (std::all_of(bytes.begin(), bytes.end(), is_printable)) {
    return std::string(bytes.begin(), bytes.end());
  }
  return hex(bytes);
}

std::string extended_error_text(const ExtendedError& error) {
  std::string text = "EDE " + std::to_string(error.code);
  if (error.code < kExtendedErrors.size()) text += ", " + std::string(kExtendedErrors[error.code]);
  return error.text.empty() ? text : text + ": " + error.text;
}

void read_edns_options(std::span<const std::uint8_t> rdata, Answer& answer) {
  while (rdata.size() >= 4) {
    const std::size_t size = integer_at(rdata, 2);
    if (rdata.size() - 4 < size) return;
    read_option(integer_at(rdata, 0), rdata.subspan(4, size), answer);
    rdata = rdata.subspan(4 + size);
  }
}

}  // namespace mxswitch::probes
