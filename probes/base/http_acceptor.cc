#include "probes/base/http_acceptor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mxswitch {
namespace {

constexpr Duration kGrace{500};

std::string busy_answer() {
  const std::string body = R"({"type":"about:blank","title":"Too many connections","status":503})";
  return fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
      "Retry-After: 1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
}

// Errors of accept(2) that pass; the others mean that the socket is closed.
bool is_passing(int code) {
  return code != EBADF && code != EINVAL && code != ENOTSOCK && code != EOPNOTSUPP;
}

bool is_shortage(int code) {
  return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

}  // namespace

HttpAcceptor::HttpAcceptor(AcceptorOptions options, MakeConverse make)
    : options_(std::move(options)), make_(std::move(make)) {}

HttpAcceptor::~HttpAcceptor() { stop_serving(); }

void HttpAcceptor::serve(int listening_socket) {
  listening_ = listening_socket;
  for (std::size_t i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { work_loop(); });
  acceptor_ = std::thread([this] { accept_loop(); });
}

void HttpAcceptor::accept_loop() {
  for (;;) {
    const int listening = listening_;
    if (listening < 0) return;
    const int socket = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      admit(socket);
    } else if (!is_passing(errno)) {
      return;
    } else if (is_shortage(errno)) {
      ::poll(nullptr, 0, 10);  // until a connection ends
    }
  }
}

void HttpAcceptor::admit(int socket) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < options_.queue_limit) {
      waiting_.push_back(socket);
      arrived_.notify_one();
      return;
    }
  }
  refuse(socket);
}

// On the accepting thread, so it never waits for the client.
void HttpAcceptor::refuse(int socket) const {
  const std::string answer = busy_answer();
  if (!options_.tls) (void)::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  ::shutdown(socket, SHUT_WR);
  char drained[1024];
  (void)::recv(socket, drained, sizeof(drained), 0);
  ::close(socket);
}

void HttpAcceptor::work_loop() {
  const Converse answer = make_();
  for (;;) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const int socket = waiting_.front();
    waiting_.pop_front();
    active_.insert(socket);
    lock.unlock();
    converse(socket, answer);
  }
}

void HttpAcceptor::converse(int socket, const Converse& answer) {
  HttpStream stream(socket, options_.tls.get(), options_.read_time);
  if (stream.handshake()) stream.close(answer(stream));
  // Forgotten before the descriptor is closed: shut() must not meet a number that is in use again.
  const std::lock_guard lock(mutex_);
  active_.erase(socket);
  ended_.notify_all();
}

void HttpAcceptor::shut(int how) {
  for (const int socket : active_) ::shutdown(socket, how);
}

void HttpAcceptor::stop_serving() {
  const int listening = listening_.exchange(-1);
  if (listening < 0) return;
  ::shutdown(listening, SHUT_RDWR);  // wakes accept
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    arrived_.notify_all();
    shut(SHUT_RD);
    if (!ended_.wait_for(lock, kGrace, [&] { return active_.empty(); })) shut(SHUT_RDWR);
  }
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  for (const int socket : waiting_) ::close(socket);
  waiting_.clear();
  ::close(listening);
}

}  // namespace mxswitch
