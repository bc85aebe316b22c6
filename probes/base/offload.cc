#include "probes/base/offload.h"

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace mxswitch {
namespace {

// Shared by the caller on its loop and the work on the pool; either may be gone first.
struct Job {
  Job(const asio::any_io_executor& loop, std::function<void()> what)
      : done(loop, asio::steady_timer::time_point::max()), work(std::move(what)) {}
  asio::steady_timer done;  // touched on the caller's loop only
  std::function<void()> work;
  std::string thrown;
  bool failed = false;
  bool executed = false;
};

void execute(Job& job) {
  try {
    job.work();
  } catch (const std::exception& error) {
    job.failed = true;
    job.thrown = error.what();
  } catch (...) {
    job.failed = true;
  }
  job.work = nullptr;
  job.executed = true;
}

// Wakes the caller when the last copy goes: after the work, or when the pool drops it unexecuted.
std::shared_ptr<void> wake_when_released(std::shared_ptr<Job> job, asio::any_io_executor loop) {
  return {nullptr, [job = std::move(job), loop = std::move(loop)](void*) {
            asio::post(loop, [job] { job->done.cancel(); });
          }};
}

}  // namespace

Offload::Offload(std::size_t threads, std::size_t queue_limit)
    : pool_(threads), queue_limit_(queue_limit) {}

Offload::~Offload() {
  pool_.stop();
  pool_.join();
}

asio::awaitable<Result<void>> Offload::run(std::function<void()> work) {
  if (queued_.fetch_add(1) >= queue_limit_) {
    queued_.fetch_sub(1);
    co_return fail(Fault::unavailable, "too much work is waiting", {}, "try again in a moment");
  }
  const asio::any_io_executor loop = co_await asio::this_coro::executor;
  const auto job = std::make_shared<Job>(loop, std::move(work));
  asio::post(pool_, [this, job, ticket = wake_when_released(job, loop)] {
    execute(*job);
    queued_.fetch_sub(1);
  });
  asio::error_code ignored;
  co_await job->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!job->executed) co_return fail(Fault::unavailable, "the work was dropped: we are stopping");
  if (job->failed) co_return fail(Fault::internal, "blocking work failed: " + job->thrown);
  co_return Result<void>();
}

}  // namespace mxswitch
