// The server under load: plain requests and streams at once, and stop() amid both.
#include "probes/base/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/threads/crowd.h"
#include "tests/unit/probes/base/raw_client.h"

namespace mxswitch {
namespace {

constexpr int kClients = 8, kStreams = 4, kRequests = 40;

// What streams wait at, as at the ring of events; closed before the server stops.
class Bell {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    ++rung_;
    news_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    news_.notify_all();
  }
  bool wait(std::uint64_t& seen) {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return closed_ || rung_ > seen; });
    seen = rung_;
    return !closed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::uint64_t rung_ = 0;
  bool closed_ = false;
};

class Loaded {
 public:
  Loaded() : server_(options()) {
    server_.route("POST", "/echo", "", [this](const ServerRequest& request) {
      ++answered;
      bell.ring();
      return ServerResponse{200, "text/plain", request.body, {}, {}};
    });
    server_.route("GET", "/stream", "", [this](const ServerRequest&) {
      ServerResponse response{200, "text/event-stream", {}, {}, {}};
      response.stream = [this, seen = std::uint64_t{0}](const auto& write) mutable {
        return bell.wait(seen) && write("data: " + std::to_string(seen) + "\n\n");
      };
      return response;
    });
    EXPECT_TRUE(server_.start());
  }
  static HttpServerOptions options() {
    HttpServerOptions made;
    made.threads = kStreams + 3;
    made.queue_limit = 16;
    return made;
  }
  std::string post() { return mxswitch::exchange(server_.port(), kPost); }
  std::string stream() {
    return mxswitch::exchange(server_.port(), "GET /stream HTTP/1.0\r\n\r\n");
  }
  void stop() {
    bell.close();
    server_.stop();
  }

  Bell bell;
  std::atomic<int> answered{0};

 private:
  static constexpr const char* kPost =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  HttpServer server_;
};

TEST(HttpServerThreads, StreamsAndRequestsShareThePool) {
  Loaded loaded;
  threads::Crowd streams(
      kStreams, [&](int) { EXPECT_NE(loaded.stream().find("data: "), std::string::npos); });
  std::atomic<int> good{0}, refused{0};
  threads::Crowd clients(kClients, [&](int) {
    for (int number = 0; number < kRequests; ++number) {
      const std::string answer = loaded.post();
      good += answer.find(" 200 ") != std::string::npos;
      refused += answer.find(" 503 ") != std::string::npos;
    }
  });
  clients.join();
  loaded.stop();
  streams.join();
  EXPECT_EQ(good + refused, kClients * kRequests);
  EXPECT_EQ(good, loaded.answered);
}

TEST(HttpServerThreads, StopsAmidLoad) {
  for (int round = 0; round < 4; ++round) {
    Loaded loaded;
    std::atomic<bool> ended{false};
    threads::Crowd streams(kStreams, [&](int) { loaded.stream(); });
    threads::Crowd clients(kClients, [&](int) {
      while (!ended) loaded.post();
    });
    std::uint64_t seen = 10;
    loaded.bell.wait(seen);  // the load is there
    threads::Crowd stoppers(2, [&](int) { loaded.stop(); });
    stoppers.join();
    ended = true;
    streams.join();
    clients.join();
    EXPECT_GE(loaded.answered, 10);
  }
}

}  // namespace
}  // namespace mxswitch
