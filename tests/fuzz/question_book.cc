#include "probes/dns/question_book.h"

#include "probes/dns/wire.h"
#include "tests/fuzz/fuzz.h"

// The input is a datagram from the right peer with the right id; what is shown to c-ares must
// hold the question that was asked, byte for byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes;
  const Endpoint peer{IpAddress::v4({192, 0, 2, 1}), 53};
  QuestionBook book;
  const auto id = book.reserve(peer, [] { return 0x1234u; }).value();
  const Question question{DnsName::parse("ShOp.example").value(), RrType::mx};
  const auto query = encode_query(question, {}, id).value();
  const auto asked = question_octets(query);
  book.note(peer, id, 0, asked);
  MessageBytes datagram(data, data + size);
  if (size >= 2) set_message_id(datagram, id);
  const auto match = book.match(0, peer, datagram);
  if (match.fit != QuestionBook::Fit::answers) return 0;
  const auto shown = question_octets(match.message());
  mxswitch::fuzz::require(std::equal(shown.begin(), shown.end(), asked.begin(), asked.end()));
  mxswitch::fuzz::require(book.match(0, peer, datagram).fit == QuestionBook::Fit::none);
  return 0;
}
