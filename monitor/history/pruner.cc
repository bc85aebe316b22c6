#include "monitor/history/pruner.h"

#include <fmt/format.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/base/log.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kBetweenSteps = seconds(1);
constexpr Duration kBetweenRounds = std::chrono::hours(1);

}  // namespace

struct Pruner::Impl : std::enable_shared_from_this<Pruner::Impl> {
  Impl(asio::any_io_executor executor, const Clock& the_clock, Database& the_database,
       RetentionOptions options)
      : loop(std::move(executor)),
        clock(the_clock),
        database(the_database),
        retention(options),
        timer(loop) {}

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    std::string after;
    while (!stopped) {
      timer.expires_after(after.empty() ? kBetweenRounds : kBetweenSteps);
      try {
        co_await timer.async_wait(asio::use_awaitable);
      } catch (const std::system_error&) {
        co_return;  // stopped
      }
      after = co_await step(std::move(after));
    }
  }

  asio::awaitable<std::string> step(std::string after) {
    const Time now = clock.now();
    auto work = [this, after, now](Transaction& transaction) {
      return retention.step(transaction, after, now);
    };
    const auto done = co_await database.transact(std::move(work));
    if (!done) {
      log(LogLevel::warning, "old observations were not dropped: " + done.error().text());
      co_return std::string();
    }
    if (done->deleted > 0)
      log(LogLevel::info,
          fmt::format("dropped {} rows of observations by [retention]", done->deleted));
    co_return done->after;
  }

  asio::any_io_executor loop;
  const Clock& clock;
  Database& database;
  Retention retention;
  asio::steady_timer timer;
  bool stopped = false;
};

Pruner::Pruner(asio::any_io_executor loop, const Clock& clock, Database& database,
               RetentionOptions options)
    : impl_(std::make_shared<Impl>(std::move(loop), clock, database, options)) {}

Pruner::~Pruner() { stop(); }

void Pruner::start() { asio::co_spawn(impl_->loop, impl_->run(), asio::detached); }

void Pruner::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
}

}  // namespace mxswitch::monitor
