#include "monitor/watch/interception.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace mxswitch::monitor {

asio::awaitable<bool> ask_nobody(probes::Transport& transport) {
  probes::Query query;
  query.server.address = probes::IpAddress::v4({192, 0, 2, 53});
  query.question.type = probes::RrType::soa;  // of the root
  query.deadline = seconds(2);
  const probes::Reply reply = co_await transport.ask(query);
  co_return reply.answer.has_value() || reply.answer.error().fault == Fault::malformed;
}

Interception::Interception(const asio::any_io_executor& loop, const Clock& clock,
                           probes::Transport& transport)
    : clock_(clock), transport_(transport), ended_(loop) {
  ended_.expires_at(asio::steady_timer::time_point::max());
}

asio::awaitable<bool> Interception::seen() {
  if (is_fresh()) co_return seen_;
  if (under_way_) {
    std::error_code woken;
    co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return seen_;
  }
  under_way_ = true;
  seen_ = co_await ask_nobody(transport_);
  under_way_ = false;
  ended_at_ = clock_.now();
  ended_.cancel();
  co_return seen_;
}

}  // namespace mxswitch::monitor
