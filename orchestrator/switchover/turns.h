// Lets coroutines of one loop go one at a time, in the order of asking: while one step waits for
// its durable commit, no other reads the state it is about to replace.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <memory>

namespace mxswitch::orchestrator {

class Turns {
 public:
  explicit Turns(asio::any_io_executor loop) : loop_(std::move(loop)) {}

  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->pass();
    }

   private:
    Turns* turns_;
  };

  asio::awaitable<Turn> take() {
    if (taken_) {
      auto waiting = std::make_shared<asio::steady_timer>(loop_);
      waiting->expires_at(asio::steady_timer::time_point::max());
      waiting_.push_back(waiting);
      asio::error_code ignored;
      co_await waiting->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    taken_ = true;
    co_return Turn(*this);
  }

 private:
  void pass() {
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    waiting_.front()->cancel();  // stays taken: nobody slips in between
    waiting_.pop_front();
  }

  asio::any_io_executor loop_;
  bool taken_ = false;
  std::deque<std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace mxswitch::orchestrator
