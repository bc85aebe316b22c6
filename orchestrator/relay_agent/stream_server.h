// Serves a request/reply protocol over TCP or a Unix socket on the loop: bounded sessions, bounded
// buffers, one request after the other. What is malformed ends the connection, which Postfix and
// Dovecot take as a temporary failure.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <optional>
#include <string>

#include "orchestrator/relay_agent/listener.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

// A protocol P has: `using Request`; `Result<std::optional<Request>> take(std::string& buffer)`;
// `asio::awaitable<std::string> answer(Request request)`, an empty reply being no reply.
template <class P>
asio::awaitable<void> serve_stream(std::shared_ptr<P> protocol, std::shared_ptr<SessionCount> count,
                                   asio::posix::stream_descriptor stream) {
  const SessionGuard guard(count);
  std::string buffer;
  std::array<char, 4096> chunk{};
  asio::error_code code;
  for (;;) {
    auto request = protocol->take(buffer);
    if (!request) co_return;
    if (*request) {
      const std::string reply = co_await protocol->answer(std::move(**request));
      if (reply.empty()) continue;
      co_await asio::async_write(stream, asio::buffer(reply),
                                 asio::redirect_error(asio::use_awaitable, code));
      if (code) co_return;
      continue;
    }
    const std::size_t got = co_await stream.async_read_some(
        asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return;
    buffer.append(chunk.data(), got);
  }
}

// Accepts until the listener is closed.
template <class P>
asio::awaitable<void> accept_streams(std::shared_ptr<P> protocol,
                                     std::shared_ptr<Listener> listener) {
  const auto executor = co_await asio::this_coro::executor;
  const auto count = std::make_shared<SessionCount>();
  asio::error_code code;
  while (listener->is_open()) {
    co_await listener->descriptor().async_wait(asio::posix::descriptor_base::wait_read,
                                               asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return;
    while (const auto fd = listener->accept()) {
      asio::posix::stream_descriptor stream(executor, *fd);
      if (count->sessions >= SessionCount::kLimit) continue;  // closed at once
      asio::co_spawn(executor, serve_stream<P>(protocol, count, std::move(stream)), asio::detached);
    }
  }
}

}  // namespace mxswitch::orchestrator
