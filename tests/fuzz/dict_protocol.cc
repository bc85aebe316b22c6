#include "orchestrator/relay_agent/dict_protocol.h"

#include "tests/fuzz/stream.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

bool is_one_line(const std::string& reply) {
  return reply.ends_with('\n') && reply.find('\n') + 1 == reply.size();
}

std::string describe(const DictRequest& request) {
  require(request.key.size() <= kDictLineLimit);
  require(is_one_line(dict_found(request.key)) && is_one_line(dict_failed(request.key)));
  const auto key = parse_account_key(request.key);
  if (key) require(!key->name.empty() && key->service.find('/') == key->service.npos);
  return request.key;
}

std::vector<std::string> read(std::string_view bytes, std::size_t size) {
  std::string buffer;
  const auto take = [&buffer](std::string_view piece) {
    buffer += piece;
    return take_dict_request(buffer);
  };
  return mxswitch::fuzz::read_pieces(bytes, size, take, describe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = mxswitch::fuzz::as_text({data, size});
  require(read(bytes, 1) == read(bytes, size + 1));
  return 0;
}
