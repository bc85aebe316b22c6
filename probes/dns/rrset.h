// Resource records as values, and the MX set that everything here is about.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/base/result.h"
#include "probes/dns/dns_name.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

enum class RrType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  ds = 43,
  rrsig = 46,
  dnskey = 48,
  tlsa = 52,
  spf = 99,
};
std::string_view to_text(RrType type);  // "MX"; "TYPE123" is not needed here

struct Mx {
  std::uint16_t preference = 0;
  DnsName exchange;
  auto operator<=>(const Mx&) const = default;
  bool operator==(const Mx&) const = default;
};

// An MX RRset compared as a set of (preference, exchange): case and order do not matter, a
// changed preference makes another set. Empty: no MX (see AnswerClass::absent).
class MxSet {
 public:
  MxSet() = default;
  explicit MxSet(std::vector<Mx> records);
  // "10 mx1.filter.example, 20 mx2.filter.example" or "0 ." (null MX, RFC 7505); from people.
  static Result<MxSet> parse(std::string_view text);

  const std::vector<Mx>& records() const { return records_; }
  bool empty() const { return records_.empty(); }
  bool is_null() const;  // exactly "0 ."
  bool has_exchange(const DnsName& name) const;
  bool shares_exchange(const MxSet& other) const;
  std::string text() const;  // "10 mx1.filter.example, 20 mx2.filter.example"
  bool operator==(const MxSet&) const = default;
  auto operator<=>(const MxSet&) const = default;

 private:
  std::vector<Mx> records_;  // sorted, without duplicates
};

struct Soa {
  DnsName primary, mailbox;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
  bool operator==(const Soa&) const = default;
};

struct Txt {
  std::vector<std::string> strings;
  std::string joined() const;  // without spaces (RFC 7208 3.3)
  bool operator==(const Txt&) const = default;
};

struct Tlsa {
  std::uint8_t usage = 0, selector = 0, matching = 0;
  std::string data;
  bool operator==(const Tlsa&) const = default;
};

struct RawData {
  std::string bytes;
  bool operator==(const RawData&) const = default;
};

// A and AAAA hold an IpAddress; NS, CNAME and PTR a DnsName.
using RecordData = std::variant<IpAddress, DnsName, Mx, Soa, Txt, Tlsa, RawData>;

struct Record {
  DnsName owner;
  RrType type = RrType::a;
  std::uint32_t ttl = 0;  // seconds
  RecordData data;
  bool operator==(const Record&) const = default;
};

}  // namespace mxswitch::probes
