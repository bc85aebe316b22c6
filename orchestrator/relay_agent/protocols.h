// The protocol whose answers come from memory, as stream_server.h wants it.
#pragma once

#include <asio/awaitable.hpp>

#include "orchestrator/relay_agent/lookups.h"

namespace mxswitch::orchestrator {

class SocketmapProtocol {
 public:
  using Request = SocketmapRequest;
  explicit SocketmapProtocol(Lookups& lookups) : lookups_(lookups) {}

  Result<std::optional<Request>> take(std::string& buffer);
  asio::awaitable<std::string> answer(Request request);

 private:
  Lookups& lookups_;
};

}  // namespace mxswitch::orchestrator
