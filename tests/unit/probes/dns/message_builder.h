// Writes response messages octet by octet, without ldns: the tests' own opinion of the format.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "probes/dns/wire.h"

namespace mxswitch::probes {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& to, unsigned value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

inline void put32(Bytes& to, std::uint32_t value) {
  put16(to, value >> 16);
  put16(to, value & 0xffff);
}

inline Bytes name_data(std::string_view text) {
  const DnsName name = DnsName::parse(text).value();
  return Bytes(name.wire().begin(), name.wire().end());
}

inline Bytes mx_data(std::uint16_t preference, std::string_view exchange) {
  Bytes data;
  put16(data, preference);
  const Bytes name = name_data(exchange);
  data.insert(data.end(), name.begin(), name.end());
  return data;
}

// Refresh, retry, expire and minimum are 1, 2, 3 and 4.
inline Bytes soa_data(std::string_view primary, std::string_view mailbox, std::uint32_t serial) {
  Bytes data = name_data(primary);
  const Bytes second = name_data(mailbox);
  data.insert(data.end(), second.begin(), second.end());
  put32(data, serial);
  for (std::uint32_t i = 1; i <= 4; ++i) put32(data, i);
  return data;
}

// Sections must be filled in the order answer, authority, additional.
class MessageBuilder {
 public:
  explicit MessageBuilder(const Question& question, std::uint16_t id = 1)
      : rr_class_(static_cast<unsigned>(question.rr_class)) {
    put16(bytes_, id);
    put16(bytes_, 0x8180);
    for (const unsigned count : {1u, 0u, 0u, 0u}) put16(bytes_, count);
    append(Bytes(question.name.wire().begin(), question.name.wire().end()));
    put16(bytes_, static_cast<unsigned>(question.type));
    put16(bytes_, rr_class_);
  }

  void flags(unsigned value) {
    bytes_[2] = static_cast<std::uint8_t>(value >> 8);
    bytes_[3] = static_cast<std::uint8_t>(value);
  }
  void answer(std::string_view owner, RrType type, std::uint32_t ttl, const Bytes& data) {
    record(7, name_data(owner), type, ttl, data);
  }
  void raw_answer(const Bytes& owner, RrType type, std::uint32_t ttl, const Bytes& data) {
    record(7, owner, type, ttl, data);
  }
  void authority(std::string_view owner, RrType type, std::uint32_t ttl, const Bytes& data) {
    record(9, name_data(owner), type, ttl, data);
  }
  void additional(std::string_view owner, RrType type, std::uint32_t ttl, const Bytes& data) {
    record(11, name_data(owner), type, ttl, data);
  }
  void opt(const Bytes& options, std::uint8_t extended_rcode = 0) {
    ++bytes_[11];
    append(Bytes{0, 0, 41, 0x04, 0xd0, extended_rcode, 0, 0, 0});
    put16(bytes_, static_cast<unsigned>(options.size()));
    append(options);
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  void append(const Bytes& more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void record(std::size_t count_at, const Bytes& owner, RrType type, std::uint32_t ttl,
              const Bytes& data) {
    ++bytes_[count_at];
    append(owner);
    put16(bytes_, static_cast<unsigned>(type));
    put16(bytes_, rr_class_);
    put32(bytes_, ttl);
    put16(bytes_, static_cast<unsigned>(data.size()));
    append(data);
  }

  unsigned rr_class_;  // of the records too
  Bytes bytes_;
};

}  // namespace mxswitch::probes
