#include "probes/dns/query_bytes.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kTypeAndClass = 4;
constexpr std::uint8_t kTruncated = 0x02;  // of the third octet

std::size_t name_end(std::span<const std::uint8_t> query) {
  std::size_t at = kHeaderOctets;
  while (at < query.size() && query[at] != 0) at += 1u + query[at];
  return std::min(at + 1, query.size());
}

bool is_letter(std::uint8_t octet) {
  const auto folded = static_cast<std::uint8_t>(octet | 0x20);
  return folded >= 'a' && folded <= 'z';
}

}  // namespace

std::uint16_t message_id(std::span<const std::uint8_t> message) {
  return static_cast<std::uint16_t>(message[0] << 8 | message[1]);
}

void set_message_id(MessageBytes& message, std::uint16_t id) {
  message[0] = static_cast<std::uint8_t>(id >> 8);
  message[1] = static_cast<std::uint8_t>(id);
}

bool is_truncated(std::span<const std::uint8_t> message) { return (message[2] & kTruncated) != 0; }

void clear_truncated(MessageBytes& message) {
  message[2] &= static_cast<std::uint8_t>(~kTruncated);
}

std::span<const std::uint8_t> question_octets(std::span<const std::uint8_t> query) {
  const std::size_t end = std::min(name_end(query) + kTypeAndClass, query.size());
  return query.subspan(kHeaderOctets, end - kHeaderOctets);
}

void randomise_case(MessageBytes& query, const std::function<std::uint32_t()>& random) {
  const std::size_t end = name_end(query);
  std::uint32_t bits = 0;
  int left = 0;
  // Length octets are at most 63 and so never taken for letters.
  for (std::size_t at = kHeaderOctets; at < end; ++at) {
    if (!is_letter(query[at])) continue;
    if (left == 0) {
      bits = random();
      left = 32;
    }
    const std::uint32_t bit = bits & 1u;
    bits >>= 1;
    --left;
    query[at] = static_cast<std::uint8_t>((query[at] & 0xdf) | (bit << 5));
  }
}

void restore_case(MessageBytes& reply, std::string_view name) {
  const bool has_question = reply.size() >= kHeaderOctets + name.size() && reply[5] == 1;
  if (!has_question) return;
  const auto is_same_letter = [](std::uint8_t a, char b) {
    const auto other = static_cast<std::uint8_t>(b);
    return a == other || ((a ^ other) == 0x20 && is_letter(a));
  };
  const auto at = reply.begin() + kHeaderOctets;
  const auto end = at + static_cast<std::ptrdiff_t>(name.size());
  if (std::equal(at, end, name.begin(), is_same_letter)) std::copy(name.begin(), name.end(), at);
}

void name_a_host(MessageBytes& message) {
  constexpr std::string_view kAlso = "-_/*0123456789";
  constexpr std::uint8_t kInItsPlace = 'x';
  std::size_t length_at = kHeaderOctets;
  while (length_at < message.size() && message[length_at] != 0) {
    const std::size_t end = std::min(length_at + 1 + message[length_at], message.size());
    for (std::size_t at = length_at + 1; at < end; ++at)
      if (!is_letter(message[at]) && kAlso.find(static_cast<char>(message[at])) == kAlso.npos)
        message[at] = kInItsPlace;
    length_at = end;
  }
}

MessageBytes bare_reply(std::span<const std::uint8_t> reply,
                        std::span<const std::uint8_t> question) {
  MessageBytes message(reply.begin(), reply.begin() + 4);
  message.insert(message.end(), {0, 1, 0, 0, 0, 0, 0, 0});
  message.insert(message.end(), question.begin(), question.end());
  return message;
}

}  // namespace mxswitch::probes
