#include "probes/dns/question_book.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

// Leaves 7 of 8 ids unused, so a free one is drawn soon and a guess stays hard.
constexpr std::size_t kMostAtPeer = 8192;

unsigned count_at(std::span<const std::uint8_t> message, std::size_t at) {
  return static_cast<unsigned>(message[at] << 8 | message[at + 1]);
}

bool is_response(std::span<const std::uint8_t> message) {
  return (message[2] & 0xf8) == 0x80;  // QR set, opcode QUERY
}

std::uint8_t fold(std::uint8_t octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet | 0x20) : octet;
}

QuestionBook::Fit compare_questions(std::span<const std::uint8_t> ours,
                                    std::span<const std::uint8_t> message) {
  if (message.size() < kHeaderOctets + ours.size()) return QuestionBook::Fit::none;
  const auto theirs = message.subspan(kHeaderOctets, ours.size());
  if (std::equal(ours.begin(), ours.end(), theirs.begin())) return QuestionBook::Fit::answers;
  const bool same_folded = std::equal(ours.begin(), ours.end(), theirs.begin(),
                                      [](auto a, auto b) { return fold(a) == fold(b); });
  return same_folded ? QuestionBook::Fit::changed_case : QuestionBook::Fit::none;
}

}  // namespace

std::optional<std::uint16_t> QuestionBook::reserve(const Endpoint& peer,
                                                   const std::function<std::uint32_t()>& random) {
  std::size_t& at_peer = by_peer_[peer];
  if (at_peer >= kMostAtPeer) return std::nullopt;
  FlightKey key{peer, 0};
  do {
    key.id = static_cast<std::uint16_t>(random());
  } while (noted_.contains(key));
  noted_.emplace(key, Noted{});
  ++at_peer;
  return key.id;
}

void QuestionBook::note(const Endpoint& peer, std::uint16_t id, std::size_t socket,
                        std::span<const std::uint8_t> question) {
  const auto found = noted_.find(FlightKey{peer, id});
  if (found == noted_.end()) return;
  found->second.sent = true;
  found->second.answered = false;
  found->second.socket = socket;
  found->second.question.assign(question.begin(), question.end());
}

void QuestionBook::release(const Endpoint& peer, std::uint16_t id) {
  if (noted_.erase(FlightKey{peer, id}) == 0) return;
  const auto at_peer = by_peer_.find(peer);
  if (--at_peer->second == 0) by_peer_.erase(at_peer);
}

QuestionBook::Match QuestionBook::match(std::size_t socket, const Endpoint& from,
                                        std::span<const std::uint8_t> datagram) {
  Match match;
  if (datagram.size() < kHeaderOctets || !is_response(datagram)) return match;
  const auto found = noted_.find(FlightKey{from, message_id(datagram)});
  if (found == noted_.end()) return match;
  Noted& noted = found->second;
  if (!noted.sent || noted.answered || noted.socket != socket) return match;
  const unsigned questions = count_at(datagram, 4);
  const bool only_an_error = questions == 0 && (datagram[3] & 0x0f) != 0;
  if (only_an_error) match.fit = Fit::answers;
  if (questions == 1) match.fit = compare_questions(noted.question, datagram);
  if (match.fit != Fit::answers) return match;
  noted.answered = true;
  match.as_it_came = datagram;
  if (only_an_error) match.mended = bare_reply(datagram, noted.question);
  return match;
}

}  // namespace mxswitch::probes
