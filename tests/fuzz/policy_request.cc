#include "orchestrator/relay_agent/policy_request.h"

#include "tests/fuzz/stream.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

std::string describe(const PolicyRequest& request) {
  require(request.recipient_count >= 0);
  for (const std::string& each : {request.state, request.instance, request.queue_id, request.sender,
                                  request.recipient, request.client_address, request.helo}) {
    require(each.find('\n') == each.npos);
  }
  return request.state + "|" + request.sender + "|" + request.recipient;
}

std::vector<std::string> read(std::string_view bytes, std::size_t size) {
  std::string buffer;
  const auto take = [&buffer](std::string_view piece) {
    buffer += piece;
    return take_policy_request(buffer);
  };
  return mxswitch::fuzz::read_pieces(bytes, size, take, describe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = mxswitch::fuzz::as_text({data, size});
  require(read(bytes, 7) == read(bytes, size + 1));
  return 0;
}
