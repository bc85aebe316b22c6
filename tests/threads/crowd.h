// Threads that begin together and are waited for: each runs the same work with its number.
#pragma once

#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace mxswitch::threads {

class Crowd {
 public:
  Crowd(int size, std::function<void(int)> work) : begin_(size) {
    for (int number = 0; number < size; ++number) {
      threads_.emplace_back([this, number, work] {
        begin_.arrive_and_wait();
        work(number);
      });
    }
  }
  ~Crowd() { join(); }
  void join() {
    for (std::thread& each : threads_) each.join();
    threads_.clear();
  }

 private:
  std::latch begin_;
  std::vector<std::thread> threads_;
};

}  // namespace mxswitch::threads
