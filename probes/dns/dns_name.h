// A domain name (RFC 9499) in uncompressed wire form. Any octet may stand in a label; names
// compare and hash without regard to ASCII case (RFC 4343).
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::probes {

class DnsName {
 public:
  DnsName() : wire_(1, '\0') {}  // the root

  // Presentation format with master-file escapes (RFC 1035 5.1); a final dot is optional.
  // Fails with `usage` for an empty label, a label over 63 or a name over 255 octets.
  static Result<DnsName> parse(std::string_view text);
  // As people write it: U-labels become A-labels (IDNA2008, libidn2), case is folded.
  static Result<DnsName> from_user(std::string_view text);
  static Result<DnsName> from_wire(std::span<const std::uint8_t> wire);

  // Without the final dot; "." is the root. In lower case: case carries no meaning, and answers to
  // our queries come back in the random case that we asked in.
  std::string text() const;
  std::string_view wire() const { return wire_; }

  bool is_root() const { return wire_.size() == 1; }
  std::size_t label_count() const;
  DnsName parent() const;  // the root's parent is the root
  // "www" + shop.example -> www.shop.example
  Result<DnsName> with_prefix(std::string_view label) const;
  bool is_within(const DnsName& ancestor) const;  // equal counts

  friend bool operator==(const DnsName& a, const DnsName& b);
  friend std::weak_ordering operator<=>(const DnsName& a, const DnsName& b);

 private:
  std::string wire_;
};

}  // namespace mxswitch::probes
