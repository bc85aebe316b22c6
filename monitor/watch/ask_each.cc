#include "monitor/watch/ask_each.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>

namespace mxswitch::monitor {
namespace {

struct Gathering {
  explicit Gathering(asio::any_io_executor loop)
      : finished(loop, asio::steady_timer::time_point::max()) {}
  std::vector<TxtSample> samples;
  std::size_t all = 0;
  asio::steady_timer finished;
};

asio::awaitable<void> ask_one(TxtQuestion question, std::shared_ptr<Gathering> gathering) {
  const TxtSample sample = co_await ask_txt(*question.transport, question.ask);
  gathering->samples.push_back(sample);
  if (gathering->samples.size() == gathering->all) gathering->finished.cancel();
}

}  // namespace

asio::awaitable<std::vector<TxtSample>> ask_each(std::vector<TxtQuestion> questions) {
  const auto loop = co_await asio::this_coro::executor;
  const auto gathering = std::make_shared<Gathering>(loop);
  gathering->all = questions.size();
  for (TxtQuestion& question : questions)
    asio::co_spawn(loop, ask_one(std::move(question), gathering), asio::detached);
  if (gathering->samples.size() < gathering->all) {
    std::error_code woken;
    co_await gathering->finished.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return gathering->samples;
}

}  // namespace mxswitch::monitor
