// What c-ares is shown of a reply. It pairs, times and falls back to TCP; what a reply says is no
// matter of its: releases differ in what they take apart, put together anew, refuse to read or ask
// again without EDNS. So it sees header and question alone, and the whole reply goes past it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "probes/dns/query_bytes.h"

namespace mxswitch::probes {

// Header and question of `reply`, with the id under which c-ares asked; of the flags QR, RD and TC.
// The rcode is SERVFAIL, which ends a query like any other: from answers that are none, c-ares
// (since 1.30) learns no time-outs shorter than the one that it was given.
MessageBytes shown_reply(std::span<const std::uint8_t> reply, std::uint16_t id);

// The replies of one TCP connection (RFC 1035 4.2.2): takes the octets that came, gives those that
// c-ares shall read in their place, and keeps the whole replies until they are taken.
class TcpReplies {
 public:
  void feed(std::span<const std::uint8_t> octets);
  std::size_t read(std::span<std::uint8_t> buffer);  // how many it gave
  std::size_t unread() const { return shown_.size(); }
  std::optional<MessageBytes> take(std::uint16_t id);

 private:
  MessageBytes partial_, shown_;
  std::map<std::uint16_t, MessageBytes> whole_;
};

}  // namespace mxswitch::probes
