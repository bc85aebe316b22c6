#include "probes/smtp/smtp_reply.h"

#include "tests/fuzz/stream.h"

using mxswitch::fuzz::require;
using mxswitch::probes::SmtpReply;
using mxswitch::probes::SmtpReplyParser;

namespace {

std::string describe(const SmtpReply& reply) {
  require(reply.code >= 200 && reply.code < 600);
  require(!reply.lines.empty() && reply.lines.size() <= SmtpReplyParser::kMostLines);
  const std::string text = reply.text();
  for (const char c : text) require(c >= 0x20 && c <= 0x7e);
  return std::to_string(reply.code) + reply.enhanced + "|" + text;
}

std::vector<std::string> read(std::string_view bytes, std::size_t size) {
  SmtpReplyParser parser;
  const auto take = [&parser](std::string_view piece) {
    parser.feed(piece);
    return parser.next();
  };
  return mxswitch::fuzz::read_pieces(bytes, size, take, describe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = mxswitch::fuzz::as_text({data, size});
  require(read(bytes, 1) == read(bytes, size + 1));
  return 0;
}
