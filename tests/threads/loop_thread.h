// One Asio loop on one thread, as in the daemon.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <thread>

namespace mxswitch::threads {

class LoopThread {
 public:
  explicit LoopThread(asio::io_context& loop)
      : guard_(loop.get_executor()), thread_([&loop] { loop.run(); }) {}
  ~LoopThread() { finish(); }
  // Ends when nothing is left to do.
  void finish() {
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::thread thread_;
};

}  // namespace mxswitch::threads
