#include "orchestrator/relay_agent/protocols.h"

namespace mxswitch::orchestrator {

Result<std::optional<SocketmapRequest>> SocketmapProtocol::take(std::string& buffer) {
  auto payload = take_netstring(buffer);
  if (!payload) return tl::unexpected(payload.error());
  if (!*payload) return std::optional<SocketmapRequest>();
  auto request = parse_socketmap(**payload);
  if (!request) return tl::unexpected(request.error());
  return std::optional<SocketmapRequest>(std::move(*request));
}

asio::awaitable<std::string> SocketmapProtocol::answer(Request request) {
  co_return to_netstring(to_socketmap(lookups_.answer(request)));
}

}  // namespace mxswitch::orchestrator
