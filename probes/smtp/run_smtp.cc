#include <fmt/format.h>

#include <array>
#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "probes/base/time_text.h"
#include "probes/smtp/smtp_dialogue.h"

namespace mxswitch::probes {
namespace {

using asio::ip::tcp;

// Shared with the deadline's handler, which may run after the session has ended.
struct Session {
  explicit Session(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  tcp::socket socket;
  asio::steady_timer timer;
  bool expired = false;
};

void start_deadline(const std::shared_ptr<Session>& session, Duration deadline) {
  session->timer.expires_after(deadline);
  session->timer.async_wait([weak = std::weak_ptr(session)](const asio::error_code& code) {
    const auto alive = weak.lock();
    if (!alive || code) return;
    alive->expired = true;
    asio::error_code ignored;
    alive->socket.close(ignored);  // wakes whatever waits for it
  });
}

Error broken(const Session& session, const asio::error_code& code, const SmtpRequest& request) {
  if (session.expired) {
    return {Fault::timed_out,
            "the session did not end within " + format_duration(request.deadline),
            request.address,
            {}};
  }
  return {Fault::unavailable, "the connection broke: " + code.message(), request.address, {}};
}

}  // namespace

asio::awaitable<SmtpOutcome> run_smtp(asio::any_io_executor executor, SmtpRequest request) {
  SmtpDialogue dialogue(request);
  asio::error_code code;
  const auto address = asio::ip::make_address(request.address, code);
  auto checked = check_smtp_request(request);
  if (code) checked = fail(Fault::usage, "not an IPv4 or IPv6 address", request.address);
  if (!checked) {
    dialogue.broke(checked.error());
    co_return std::move(dialogue.outcome());
  }
  const auto session = std::make_shared<Session>(executor);
  start_deadline(session, request.deadline);
  const tcp::endpoint endpoint(address, static_cast<asio::ip::port_type>(request.port));
  co_await session->socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, code));
  if (code || session->expired) {
    Error error = broken(*session, code, request);
    if (!session->expired) error.what = "cannot connect: " + code.message();
    dialogue.broke(std::move(error));
  } else {
    dialogue.outcome().connected = true;
  }
  std::array<char, 4096> buffer{};
  while (!dialogue.is_done()) {
    const std::size_t got = co_await session->socket.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, code));
    if (code || session->expired) {
      dialogue.broke(broken(*session, code, request));
      break;
    }
    const std::string send = dialogue.receive({buffer.data(), got});
    if (send.empty()) continue;
    co_await asio::async_write(session->socket, asio::buffer(send),
                               asio::redirect_error(asio::use_awaitable, code));
    // A server may answer and close before it has read all: its words are still to be read.
    if (session->expired) dialogue.broke(broken(*session, code, request));
  }
  session->timer.cancel();
  co_return std::move(dialogue.outcome());
}

}  // namespace mxswitch::probes
