// The threads of a server: one accepts, a pool serves, a bounded queue lies between them. What does
// not fit is answered 503 at once. The sockets are ours, since cpp-httplib's own loop ends for good
// at the first failed accept and leaks what a full queue rejects.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "probes/base/http_stream.h"

namespace mxswitch {

struct AcceptorOptions {
  std::size_t threads = 16;
  std::size_t queue_limit = 256;
  Duration read_time = seconds(20);
  TlsContext tls;  // null: clear text
};

// Every connection carries one request: an idle one then holds no thread, and bytes behind a
// refused body are never read as a second request.
class HttpAcceptor {
 public:
  // Answers one connection after its handshake; true: what the client sent was left unread, so the
  // connection lingers. Made once a thread and used by that one alone.
  using Converse = std::function<bool(HttpStream&)>;
  using MakeConverse = std::function<Converse()>;

  HttpAcceptor(AcceptorOptions options, MakeConverse make);
  ~HttpAcceptor();

  void serve(int listening_socket);  // owns it from here on; returns at once
  // Takes no more connections, lets answers in flight end for half a second, then cuts them.
  // A stream's source must have been woken by its owner.
  void stop_serving();

 private:
  void accept_loop();
  void work_loop();
  void admit(int socket);
  void refuse(int socket) const;
  void converse(int socket, const Converse& answer);
  void shut(int how);

  AcceptorOptions options_;
  MakeConverse make_;
  std::atomic<int> listening_{-1};
  std::thread acceptor_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable arrived_, ended_;
  std::deque<int> waiting_;
  std::set<int> active_;
  bool stopping_ = false;
};

}  // namespace mxswitch
