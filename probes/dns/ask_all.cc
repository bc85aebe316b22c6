#include "probes/dns/ask_all.h"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>

namespace mxswitch::probes {
namespace {

struct Gathering {
  explicit Gathering(const asio::any_io_executor& loop) : all_in(loop) {}
  std::vector<Reply> replies;
  std::size_t missing = 0;
  asio::steady_timer all_in;  // cancelled when nothing is missing
};

asio::awaitable<void> ask_one(Transport& transport, Query query,
                              std::shared_ptr<Gathering> gathering, std::size_t index) {
  gathering->replies[index] = co_await transport.ask(std::move(query));
}

}  // namespace

asio::awaitable<std::vector<Reply>> ask_all(Transport& transport, std::vector<Query> queries) {
  const asio::any_io_executor loop = co_await asio::this_coro::executor;
  const auto gathering = std::make_shared<Gathering>(loop);
  gathering->replies.resize(queries.size());
  gathering->missing = queries.size();
  gathering->all_in.expires_at(std::chrono::steady_clock::time_point::max());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    asio::co_spawn(loop, ask_one(transport, queries[i], gathering, i),
                   [gathering](std::exception_ptr) {
                     if (--gathering->missing == 0) gathering->all_in.cancel();
                   });
  }
  while (gathering->missing > 0) {
    std::error_code ignored;
    co_await gathering->all_in.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(gathering->replies);
}

}  // namespace mxswitch::probes
