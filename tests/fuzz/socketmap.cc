#include "orchestrator/relay_agent/netstring.h"
#include "tests/fuzz/stream.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

std::string describe(const std::string& payload) {
  require(payload.size() <= kNetstringLimit);
  std::string framed = to_netstring(payload);
  const auto again = take_netstring(framed);
  require(again && *again && **again == payload && framed.empty());
  const auto request = parse_socketmap(payload);
  if (!request) return "malformed";
  require(request->map + " " + request->key == payload && !request->map.empty());
  if (const auto address = split_address(request->key)) {
    require(!address->local_part.empty() && !address->domain.empty());
  }
  return payload;
}

std::vector<std::string> read(std::string_view bytes, std::size_t size) {
  std::string buffer;
  const auto take = [&buffer](std::string_view piece) {
    buffer += piece;
    return take_netstring(buffer);
  };
  return mxswitch::fuzz::read_pieces(bytes, size, take, describe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = mxswitch::fuzz::as_text({data, size});
  require(read(bytes, 1) == read(bytes, size + 1));
  return 0;
}
