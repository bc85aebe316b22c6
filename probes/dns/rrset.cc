#include "probes/dns/rrset.h"

#include <algorithm>
#include <charconv>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMaxMxRecords = 64;
constexpr std::string_view kExample = "write it like \"10 mx1.filter.example\"";
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Failure bad_mx(std::string what, std::string_view text) {
  return fail(Fault::usage, std::move(what), "MX \"" + std::string(text.substr(0, 80)) + "\"",
              std::string(kExample));
}

Result<Mx> parse_mx(std::string_view text) {
  const auto blank = text.find_first_of(kBlanks);
  if (text.empty()) return bad_mx("a record is empty", text);
  Mx mx;
  const char* digits_end = text.data() + std::min(blank, text.size());
  const auto [stop, error] = std::from_chars(text.data(), digits_end, mx.preference);
  if (error != std::errc() || stop != digits_end) {
    return bad_mx("the preference is not a number from 0 to 65535", text);
  }
  if (blank == std::string_view::npos) return bad_mx("the exchange is missing", text);
  const std::string_view exchange = trimmed(text.substr(blank));
  const std::string_view without_dot = exchange.substr(0, exchange.find_last_not_of('.') + 1);
  if (IpAddress::parse(without_dot)) {
    return bad_mx("an exchange is a name, not an address (RFC 5321 5.1)", text);
  }
  auto name = DnsName::from_user(exchange);
  if (!name) return bad_mx(name.error().what, text);
  mx.exchange = std::move(*name);
  return mx;
}

}  // namespace

std::string_view to_text(RrType type) {
  switch (type) {
    case RrType::a:
      return "A";
    case RrType::ns:
      return "NS";
    case RrType::cname:
      return "CNAME";
    case RrType::soa:
      return "SOA";
    case RrType::ptr:
      return "PTR";
    case RrType::mx:
      return "MX";
    case RrType::txt:
      return "TXT";
    case RrType::aaaa:
      return "AAAA";
    case RrType::ds:
      return "DS";
    case RrType::rrsig:
      return "RRSIG";
    case RrType::dnskey:
      return "DNSKEY";
    case RrType::tlsa:
      return "TLSA";
    case RrType::spf:
      return "SPF";
  }
  return "other";
}

MxSet::MxSet(std::vector<Mx> records) : records_(std::move(records)) {
  std::sort(records_.begin(), records_.end());
  records_.erase(std::unique(records_.begin(), records_.end()), records_.end());
}

Result<MxSet> MxSet::parse(std::string_view text) {
  std::vector<Mx> records;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    auto mx = parse_mx(trimmed(text.substr(at, comma - at)));
    if (!mx) return Failure(mx.error());
    records.push_back(std::move(*mx));
    if (records.size() > kMaxMxRecords) return bad_mx("there are more than 64 records", text);
    at = comma + 1;
  }
  MxSet set(std::move(records));
  if (set.has_exchange(DnsName()) && !set.is_null()) {
    return bad_mx("a null MX is \"0 .\" and stands alone (RFC 7505 3)", text);
  }
  return set;
}

bool MxSet::is_null() const {
  return records_.size() == 1 && records_[0].preference == 0 && records_[0].exchange.is_root();
}

bool MxSet::has_exchange(const DnsName& name) const {
  return std::any_of(records_.begin(), records_.end(),
                     [&](const Mx& mx) { return mx.exchange == name; });
}

bool MxSet::shares_exchange(const MxSet& other) const {
  return std::any_of(records_.begin(), records_.end(),
                     [&](const Mx& mx) { return other.has_exchange(mx.exchange); });
}

std::string MxSet::text() const {
  std::string text;
  for (const Mx& mx : records_) {
    if (!text.empty()) text += ", ";
    text += std::to_string(mx.preference) + " " + mx.exchange.text();
  }
  return text;
}

std::string Txt::joined() const {
  std::string text;
  for (const std::string& part : strings) text += part;
  return text;
}

}  // namespace mxswitch::probes
