// The two protocols whose answers come from memory, as stream_server.h wants them.
#pragma once

#include <asio/awaitable.hpp>

#include "orchestrator/relay_agent/accounts.h"
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

class DictProtocol {
 public:
  using Request = DictRequest;
  DictProtocol(Registry& registry, const Clock& clock, MailStore store)
      : registry_(registry), clock_(clock), store_(std::move(store)) {}

  Result<std::optional<Request>> take(std::string& buffer) { return take_dict_request(buffer); }
  asio::awaitable<std::string> answer(Request request);

 private:
  Registry& registry_;
  const Clock& clock_;
  MailStore store_;
};

}  // namespace mxswitch::orchestrator
