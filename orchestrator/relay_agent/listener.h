// A listening socket by its configured place: "127.0.0.1:8026", "[::1]:8026" or
// "unix:/run/mxswitch-relay/policy".
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct SessionCount {
  static constexpr int kLimit = 1024;
  int sessions = 0;
};

class SessionGuard {
 public:
  explicit SessionGuard(std::shared_ptr<SessionCount> count) : count_(std::move(count)) {
    ++count_->sessions;
  }
  ~SessionGuard() { --count_->sessions; }
  SessionGuard(const SessionGuard&) = delete;
  SessionGuard& operator=(const SessionGuard&) = delete;

 private:
  std::shared_ptr<SessionCount> count_;
};

class Listener {
 public:
  // A Unix socket of that path is replaced when nobody listens on it, and made with mode 0660.
  // Fails with `usage` for a place that is none, `conflict` when it is in use.
  static Result<std::shared_ptr<Listener>> open(asio::any_io_executor executor,
                                                const std::string& place);
  ~Listener();

  std::optional<int> accept();  // a new non-blocking descriptor, owned by the caller
  asio::posix::stream_descriptor& descriptor() { return descriptor_; }
  bool is_open() const { return descriptor_.is_open(); }
  void close();

  Listener(asio::any_io_executor executor, int fd, std::string unix_path);

 private:
  asio::posix::stream_descriptor descriptor_;
  std::string unix_path_;
};

}  // namespace mxswitch::orchestrator
