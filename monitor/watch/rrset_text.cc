#include "monitor/watch/rrset_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mxswitch::monitor {
namespace {

using probes::RrType;

unsigned octet(const std::string& bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

std::string hex(const std::string& bytes, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < bytes.size(); ++i) text += fmt::format("{:02x}", octet(bytes, i));
  return text;
}

// RFC 4034 5.1: key tag, algorithm, digest type, digest.
std::string ds_text(const std::string& bytes) {
  return fmt::format("{} {} {} {}", octet(bytes, 0) << 8 | octet(bytes, 1), octet(bytes, 2),
                     octet(bytes, 3), hex(bytes, 4));
}

// RFC 4034 appendix B.
unsigned key_tag(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += (i & 1) != 0 ? octet(bytes, i) : octet(bytes, i) << 8;
  return (sum + (sum >> 16)) & 0xffff;
}

// Tells keys of one tag apart; it guards against no forger (FNV-1a).
std::uint64_t fingerprint(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037u;
  for (std::size_t i = 0; i < bytes.size(); ++i) hash = (hash ^ octet(bytes, i)) * 1099511628211u;
  return hash;
}

std::string key_text(const std::string& bytes) {
  return fmt::format("key {} flags {} algorithm {} #{:016x}", key_tag(bytes),
                     octet(bytes, 0) << 8 | octet(bytes, 1), octet(bytes, 3), fingerprint(bytes));
}

std::string text_of(const probes::Record& record) {
  if (const auto* address = std::get_if<probes::IpAddress>(&record.data)) return address->text();
  if (const auto* name = std::get_if<probes::DnsName>(&record.data)) return name->text();
  const auto* raw = std::get_if<probes::RawData>(&record.data);
  if (raw == nullptr) return {};
  if (record.type == RrType::ds) return ds_text(raw->bytes);
  return record.type == RrType::dnskey ? key_text(raw->bytes) : hex(raw->bytes, 0);
}

}  // namespace

RrsetText rrset_text(const probes::Answer& answer, const probes::Question& question) {
  RrsetText result;
  std::set<std::string> texts;
  for (const probes::Record& record : answer.answer) {
    if (record.owner != question.name) continue;
    const bool alias = record.type == RrType::cname && question.type != RrType::cname;
    if (record.type != question.type && !alias) continue;
    texts.insert(alias ? "CNAME " + text_of(record) : text_of(record));
    result.ttl = std::max(result.ttl, record.ttl);  // they should be equal (RFC 2181 5.2)
    result.aliased = result.aliased || alias;
  }
  for (const std::string& text : texts) result.data += (result.data.empty() ? "" : ", ") + text;
  return result;
}

}  // namespace mxswitch::monitor
