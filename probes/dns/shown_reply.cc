#include "probes/dns/shown_reply.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kLengthOctets = 2;
constexpr std::uint8_t kResponse = 0x80, kTruncated = 0x02, kRecursionDesired = 0x01;
constexpr std::uint8_t kServfail = 2;

void append_length(MessageBytes& to, std::size_t length) {
  to.push_back(static_cast<std::uint8_t>(length >> 8));
  to.push_back(static_cast<std::uint8_t>(length));
}

}  // namespace

MessageBytes shown_reply(std::span<const std::uint8_t> reply, std::uint16_t id) {
  const auto question = question_octets(reply);
  const auto flags =
      static_cast<std::uint8_t>(kResponse | (reply[2] & (kTruncated | kRecursionDesired)));
  MessageBytes shown = {0, 0, flags, kServfail, 0, 1, 0, 0, 0, 0, 0, 0};
  set_message_id(shown, id);
  shown.insert(shown.end(), question.begin(), question.end());
  return shown;
}

void TcpReplies::feed(std::span<const std::uint8_t> octets) {
  partial_.insert(partial_.end(), octets.begin(), octets.end());
  std::span<const std::uint8_t> left(partial_);
  while (left.size() >= kLengthOctets) {
    const std::size_t length = static_cast<std::size_t>(left[0] << 8 | left[1]);
    if (left.size() - kLengthOctets < length) break;
    const auto reply = left.subspan(kLengthOctets, length);
    left = left.subspan(kLengthOctets + length);
    if (length < kHeaderOctets) continue;  // no message: nobody can have asked for it
    const std::uint16_t id = message_id(reply);
    const MessageBytes shown = shown_reply(reply, id);
    whole_.insert_or_assign(id, MessageBytes(reply.begin(), reply.end()));
    append_length(shown_, shown.size());
    shown_.insert(shown_.end(), shown.begin(), shown.end());
  }
  partial_.erase(partial_.begin(), partial_.end() - static_cast<std::ptrdiff_t>(left.size()));
}

std::size_t TcpReplies::read(std::span<std::uint8_t> buffer) {
  const std::size_t taken = std::min(buffer.size(), shown_.size());
  const auto end = shown_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::copy(shown_.begin(), end, buffer.begin());
  shown_.erase(shown_.begin(), end);
  return taken;
}

std::optional<MessageBytes> TcpReplies::take(std::uint16_t id) {
  const auto found = whole_.extract(id);
  if (!found) return std::nullopt;
  return found.mapped();
}

}  // namespace mxswitch::probes
