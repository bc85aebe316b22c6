// One accepted connection as cpp-httplib reads and writes it, in clear text or TLS. It bounds what
// the library does not: the bytes of a header and the time that a whole request may take.
// Used by one thread at a time.
#pragma once

#include <httplib.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>

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

class HttpStream final : public httplib::Stream {
 public:
  static constexpr std::size_t kHeaderBytes = 64u << 10;

  // Owns `socket`, which is non-blocking. `tls` null: clear text. A request must be read within
  // `read_time`; a write must make progress within it.
  HttpStream(int socket, SSL_CTX* tls, Duration read_time);
  ~HttpStream() override;
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  bool handshake();
  void header_is_read() { in_header_ = false; }
  // Says goodbye. `linger`: first reads, for a moment, what the client still sends; without
  // that its system would drop the answer together with the connection.
  void close(bool linger);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* data, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool wait(short events, std::chrono::steady_clock::time_point until) const;
  ssize_t fill(char* data, std::size_t size);
  short wanted_by_tls(int result) const;

  int socket_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  Duration read_time_;
  std::chrono::steady_clock::time_point read_until_;
  bool in_header_ = true;
  std::size_t header_bytes_ = 0;
  std::array<char, 4096> buffer_{};  // the library reads its lines byte by byte
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace mxswitch
