// Runs blocking work (hashing, getaddrinfo, files) on a few threads and resumes the caller on
// its own executor. The queue is bounded: when it is full the caller gets `unavailable`.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <functional>

#include "probes/base/result.h"

namespace mxswitch {

class Offload {
 public:
  explicit Offload(std::size_t threads = 2, std::size_t queue_limit = 256);
  ~Offload();  // waits for what is running, drops what is queued

  // Runs `work` on a pool thread. The work must not touch the caller's state.
  asio::awaitable<Result<void>> run(std::function<void()> work);

 private:
  asio::thread_pool pool_;
  std::atomic<std::size_t> queued_{0};
  std::size_t queue_limit_;
};

}  // namespace mxswitch
