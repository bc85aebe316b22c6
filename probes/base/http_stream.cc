#include "probes/base/http_stream.h"

#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace mxswitch {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Duration kLingerTime{200};
constexpr int kLingerReads = 256;

std::string tls_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

int clamp_size(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1u << 30)); }

}  // namespace

Result<TlsContext> load_tls(const std::string& certificate_file, const std::string& key_file) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(Fault::internal, "cannot set up TLS: " + tls_reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return fail(Fault::usage, "cannot use the certificate: " + tls_reason(), certificate_file,
                "give a PEM file with the certificate and its chain");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Fault::usage, "cannot use the private key: " + tls_reason(), key_file,
                "give the PEM file of the key that belongs to " + certificate_file);
  }
  return context;
}

HttpStream::HttpStream(int socket, SSL_CTX* tls, Duration read_time)
    : socket_(socket), read_time_(read_time), read_until_(SteadyClock::now() + read_time) {
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  if (ssl_) SSL_set_fd(ssl_.get(), socket_);
}

HttpStream::~HttpStream() { ::close(socket_); }

bool HttpStream::wait(short events, SteadyClock::time_point until) const {
  for (;;) {
    const auto left = std::chrono::ceil<Duration>(until - SteadyClock::now()).count();
    if (left <= 0) return false;
    pollfd item{socket_, events, 0};
    const int ready = ::poll(&item, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

short HttpStream::wanted_by_tls(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return POLLIN;
  if (error == SSL_ERROR_WANT_WRITE) return POLLOUT;
  ERR_clear_error();
  return 0;
}

bool HttpStream::handshake() {
  if (!ssl_) return true;
  for (;;) {
    const int result = SSL_accept(ssl_.get());
    if (result == 1) return true;
    const short events = wanted_by_tls(result);
    if (events == 0 || !wait(events, read_until_)) return false;
  }
}

ssize_t HttpStream::read(char* data, std::size_t size) {
  for (;;) {
    short events = POLLIN;
    if (ssl_) {
      const int got = SSL_read(ssl_.get(), data, clamp_size(size));
      if (got > 0) return got;
      if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) return 0;
      events = wanted_by_tls(got);
    } else {
      const ssize_t got = ::recv(socket_, data, size, 0);
      if (got >= 0) return got;
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return -1;
    }
    if (events == 0 || !wait(events, read_until_)) return -1;
  }
}

ssize_t HttpStream::write(const char* data, std::size_t size) {
  const auto until = SteadyClock::now() + read_time_;
  for (;;) {
    short events = POLLOUT;
    if (ssl_) {
      const int sent = SSL_write(ssl_.get(), data, clamp_size(size));
      if (sent > 0) return sent;
      events = wanted_by_tls(sent);
    } else {
      const ssize_t sent = ::send(socket_, data, size, MSG_NOSIGNAL);
      if (sent >= 0) return sent;
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return -1;
    }
    if (events == 0 || !wait(events, until)) return -1;
  }
}

bool HttpStream::write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = write(text.data(), text.size());
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpStream::is_writable() const { return wait(POLLOUT, SteadyClock::now() + read_time_); }

void HttpStream::close(bool linger) {
  if (ssl_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ::shutdown(socket_, SHUT_WR);
  if (!linger) return;
  const auto until = SteadyClock::now() + kLingerTime;
  std::array<char, 4096> dropped;
  for (int reads = 0; reads < kLingerReads && wait(POLLIN, until); ++reads) {
    if (::recv(socket_, dropped.data(), dropped.size(), 0) <= 0) return;
  }
}

std::string HttpStream::peer() const {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  char host[NI_MAXHOST] = "";
  if (::getpeername(socket_, generic, &length) != 0 ||
      ::getnameinfo(generic, length, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  const std::string_view text = host, mapped = "::ffff:";
  return std::string(text.starts_with(mapped) ? text.substr(mapped.size()) : text);
}

}  // namespace mxswitch
