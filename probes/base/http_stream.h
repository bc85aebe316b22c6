// One accepted connection, in clear text or TLS. It bounds the time that a whole request may take.
// Used by one thread at a time.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, SslDeleter>;

// TLS 1.2 and later. `usage` names the file that cannot be used.
Result<TlsContext> load_tls(const std::string& certificate_file, const std::string& key_file);

class HttpStream {
 public:
  // Owns `socket`, which is non-blocking. `tls` null: clear text. A request must be read within
  // `read_time`; a write must make progress within it.
  HttpStream(int socket, SSL_CTX* tls, Duration read_time);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  bool handshake();
  // Says goodbye. `linger`: first reads, for a moment, what the client still sends; without
  // that its system would drop the answer together with the connection.
  void close(bool linger);

  bool is_writable() const;
  // What has come, at most `size`; 0 at the end, -1 on failure or when the time is over.
  ssize_t read(char* data, std::size_t size);
  ssize_t write(const char* data, std::size_t size);
  bool write_all(std::string_view text);
  std::string peer() const;  // its address

 private:
  bool wait(short events, std::chrono::steady_clock::time_point until) const;
  short wanted_by_tls(int result) const;

  int socket_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  Duration read_time_;
  std::chrono::steady_clock::time_point read_until_;
};

}  // namespace mxswitch
