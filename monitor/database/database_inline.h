// The templates of database.h: they carry the result of a step across the threads.
#pragma once

#include <asio/async_result.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <future>
#include <type_traits>

#include "monitor/database/database.h"

namespace mxswitch::monitor {
namespace detail {

// Holds what a step returned until its commit is durable; void steps hold nothing.
template <class T>
struct StepValue {
  std::optional<T> value;
  template <class F>
  void run(F& work, Transaction& transaction) {
    value.emplace(work(transaction));
  }
  Result<T> take() { return std::move(*value); }
};

template <>
struct StepValue<void> {
  template <class F>
  void run(F& work, Transaction& transaction) {
    work(transaction);
  }
  Result<void> take() { return {}; }
};

}  // namespace detail

template <class F>
auto Database::transact(F work) -> asio::awaitable<Result<std::invoke_result_t<F, Transaction&>>> {
  using T = std::invoke_result_t<F, Transaction&>;
  auto step = std::make_shared<detail::StepValue<T>>();
  auto executor = co_await asio::this_coro::executor;
  auto initiate = [this, &work, &step, &executor](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    // The guard keeps the loop alive while the database's thread works for it.
    auto guard = std::make_shared<asio::executor_work_guard<decltype(executor)>>(executor);
    submit([work = std::move(work),
            step](Transaction& transaction) mutable { step->run(work, transaction); },
           [resume, guard, executor](std::optional<Error> error) {
             asio::post(executor, [resume, guard, error = std::move(error)]() mutable {
               std::move (*resume)(std::move(error));
             });
           });
  };
  std::optional<Error> error =
      co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::optional<Error>)>(
          initiate, asio::use_awaitable);
  if (error) co_return tl::unexpected(std::move(*error));
  co_return step->take();
}

template <class F>
auto Database::transact_blocking(F work) -> Result<std::invoke_result_t<F, Transaction&>> {
  using T = std::invoke_result_t<F, Transaction&>;
  auto step = std::make_shared<detail::StepValue<T>>();
  auto finished = std::make_shared<std::promise<std::optional<Error>>>();
  auto outcome = finished->get_future();
  submit([work = std::move(work),
          step](Transaction& transaction) mutable { step->run(work, transaction); },
         [finished](std::optional<Error> error) { finished->set_value(std::move(error)); });
  if (std::optional<Error> error = outcome.get()) return tl::unexpected(std::move(*error));
  return step->take();
}

}  // namespace mxswitch::monitor
