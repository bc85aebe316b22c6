// Drives libcurl's multi handle from an Asio loop: sockets and the timer that curl asks for become
// waits of the loop. Used from the loop's thread only; dies before the loop.
#pragma once

#include <curl/curl.h>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <memory>

namespace mxswitch {

// CURL and CURLM are both void: one deleter cannot tell them apart.
struct CurlMultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;

// Told once when a transfer ends, on the loop, outside of curl's callbacks.
class CurlObserver {
 public:
  virtual ~CurlObserver() = default;
  virtual void ended(CURLcode code) = 0;
};

class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  explicit CurlLoop(asio::any_io_executor loop);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // `observer` must stay until it was told or `remove` was called.
  bool add(CURL* easy, CurlObserver* observer);
  void remove(CURL* easy);
  const asio::any_io_executor& executor() const { return loop_; }

 private:
  // A socket of curl's: watched here, closed by curl.
  struct Watch {
    Watch(const asio::any_io_executor& loop, int socket, std::uint64_t number);
    ~Watch();
    asio::posix::stream_descriptor descriptor;
    std::uint64_t id;
    int wanted = 0;
    bool reading = false, writing = false;
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);
  static int on_close(void* self, curl_socket_t socket);
  void watch(curl_socket_t socket, int what);
  void arm(curl_socket_t socket, Watch& watch);
  void wait_for(curl_socket_t socket, Watch& watch, bool write);
  void ready(curl_socket_t socket, std::uint64_t id, bool write, bool failed);
  void set_timer(long milliseconds);
  void act(curl_socket_t socket, int events);
  void tell_ended();

  asio::any_io_executor loop_;
  asio::steady_timer timer_;
  std::map<curl_socket_t, Watch> watches_;
  std::uint64_t next_id_ = 0;
  CurlMulti multi_;
};

}  // namespace mxswitch
