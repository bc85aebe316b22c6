#include "probes/base/curl_loop.h"

#include <unistd.h>

namespace mxswitch {

CurlLoop::Watch::Watch(const asio::any_io_executor& loop, int socket, std::uint64_t number)
    : descriptor(loop, socket), id(number) {}

// Curl owns the number: it must not be closed here.
CurlLoop::Watch::~Watch() { descriptor.release(); }

CurlLoop::CurlLoop(asio::any_io_executor loop)
    : loop_(std::move(loop)), timer_(loop_), multi_(curl_multi_init()) {
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
  multi_.reset();  // its callbacks still reach the watches
  watches_.clear();
}

bool CurlLoop::add(CURL* easy, CurlObserver* observer) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, observer);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlLoop::on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  return curl_multi_add_handle(multi_.get(), easy) == CURLM_OK;
}

void CurlLoop::remove(CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); }

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<CurlLoop*>(self)->watch(socket, what);
  return 0;
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) {
  static_cast<CurlLoop*>(self)->set_timer(milliseconds);
  return 0;
}

// The loop must forget the number before it can mean another socket.
int CurlLoop::on_close(void* self, curl_socket_t socket) {
  static_cast<CurlLoop*>(self)->watches_.erase(socket);
  return ::close(socket);
}

void CurlLoop::watch(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    watches_.erase(socket);
    return;
  }
  const auto place = watches_.try_emplace(socket, loop_, socket, next_id_++).first;
  place->second.wanted = what;
  arm(socket, place->second);
}

void CurlLoop::arm(curl_socket_t socket, Watch& watch) {
  if ((watch.wanted & CURL_POLL_IN) != 0 && !watch.reading) wait_for(socket, watch, false);
  if ((watch.wanted & CURL_POLL_OUT) != 0 && !watch.writing) wait_for(socket, watch, true);
}

void CurlLoop::wait_for(curl_socket_t socket, Watch& watch, bool write) {
  (write ? watch.writing : watch.reading) = true;
  watch.descriptor.async_wait(
      write ? asio::posix::stream_descriptor::wait_write
            : asio::posix::stream_descriptor::wait_read,
      [weak = weak_from_this(), socket, id = watch.id, write](const asio::error_code& code) {
        const auto self = weak.lock();
        if (self && code != asio::error::operation_aborted) {
          self->ready(socket, id, write, static_cast<bool>(code));
        }
      });
}

void CurlLoop::ready(curl_socket_t socket, std::uint64_t id, bool write, bool failed) {
  const auto find = [&] {
    const auto place = watches_.find(socket);
    return place != watches_.end() && place->second.id == id ? &place->second : nullptr;
  };
  Watch* watch = find();
  if (watch == nullptr) return;
  (write ? watch->writing : watch->reading) = false;
  const int direction = write ? CURL_POLL_OUT : CURL_POLL_IN;
  if ((watch->wanted & direction) != 0) {
    act(socket, failed ? CURL_CSELECT_ERR : write ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
  }
  watch = find();  // curl may have closed it, or another observer may have run
  if (watch != nullptr && !failed) arm(socket, *watch);
}

void CurlLoop::set_timer(long milliseconds) {
  timer_.cancel();
  if (milliseconds < 0) return;
  timer_.expires_after(std::chrono::milliseconds(milliseconds));
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& code) {
    const auto self = weak.lock();
    if (self && !code) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, events, &running);
  tell_ended();
}

void CurlLoop::tell_ended() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* observer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &observer);
    const CURLcode code = message->data.result;
    reinterpret_cast<CurlObserver*>(observer)->ended(code);
  }
}

}  // namespace mxswitch
