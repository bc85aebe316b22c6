#include "probes/base/http_library.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "probes/base/http_stream.h"

namespace mxswitch {
namespace {

constexpr socket_t kNoSocket = 0;  // never used: only INVALID_SOCKET has a meaning to the library

// Not handed on: the library matches Range with a regular expression that ends the program at 8 kB,
// waits for bodies by Expect and Content-Length, and keeps what it adds itself among the fields.
constexpr std::array<std::string_view, 9> kKept = {"range",          "if-range",   "expect",
                                                   "content-length", "connection", "remote_addr",
                                                   "remote_port",    "local_addr", "local_port"};

std::string canonical(const RequestHead& head) {
  std::string text =
      fmt::format("{} {}{}{} HTTP/1.{}\r\n", head.method, head.path, head.query.empty() ? "" : "?",
                  head.query, head.is_http_1_0 ? 0 : 1);
  for (const auto& [name, value] : head.fields) {
    if (std::ranges::find(kKept, name) != kKept.end() || value.empty()) continue;
    text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + "Connection: close\r\n\r\n";
}

// The library reads the request from memory and writes to the connection.
class Exchange final : public httplib::Stream {
 public:
  Exchange(std::string request, const std::string& peer, HttpStream& out)
      : request_(std::move(request)), peer_(peer), out_(out) {}

  bool is_readable() const override { return at_ < request_.size(); }
  bool is_writable() const override { return out_.is_writable(); }
  ssize_t read(char* data, std::size_t size) override {
    const std::size_t count = std::min(size, request_.size() - at_);
    std::memcpy(data, request_.data() + at_, count);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, std::size_t size) override { return out_.write(data, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = peer_;
    port = 0;
  }
  void get_local_ip_and_port(std::string&, int& port) const override { port = 0; }
  socket_t socket() const override { return kNoSocket; }

 private:
  std::string request_;
  const std::string& peer_;
  HttpStream& out_;
  std::size_t at_ = 0;
};

void fill_response(const ServerResponse& from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  to.set_header("X-Content-Type-Options", "nosniff");
  if (!from.stream) {
    to.set_content(from.body, from.content_type);
    return;
  }
  // Ends with the connection, not in chunks: proxies speak HTTP/1.0 to us by default.
  to.set_content_provider(
      from.content_type, [source = from.stream](std::size_t, httplib::DataSink& sink) {
        const auto write = [&](std::string_view piece) {
          return piece.empty() || (sink.is_writable() && sink.write(piece.data(), piece.size()));
        };
        if (!source(write)) sink.done();
        return true;
      });
}

using Setup = std::function<void(httplib::Request&)>;

}  // namespace

class HttpLibrary::Server final : public httplib::Server {
 public:
  explicit Server(Dress dress) : dress_(std::move(dress)) {
    svr_sock_ = kNoSocket;  // else the library takes itself for stopped and ends every stream
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      const Query query(request.params.begin(), request.params.end());
      send((*answer_)(query), response);
      return HandlerResponse::Handled;
    });
    set_exception_handler(
        [this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          send(problem(500, "Internal error"), response);
        });
    // The library's own refusals; none is known to be left.
    const httplib::Server::Handler in_words = [this](const httplib::Request&,
                                                     httplib::Response& response) {
      if (response.body.empty()) send(problem(response.status, "Refused"), response);
    };
    set_error_handler(in_words);
  }

  void run(const RequestHead& head, const std::string& peer, HttpStream& out,
           const Answer& answer) {
    answer_ = &answer;
    const std::string* accept = head.find("accept");
    accept_ = accept == nullptr ? std::string() : *accept;
    Exchange exchange(canonical(head), peer, out);
    bool closed = false;
    call(&Server::process_request, exchange, closed);
  }

 private:
  // The protected member takes the addresses of both ends since 0.17.
  template <class Class>
  void call(bool (Class::*process)(httplib::Stream&, bool, bool&, const Setup&), Exchange& exchange,
            bool& closed) {
    (this->*process)(exchange, true, closed, nullptr);
  }
  template <class Class>
  void call(bool (Class::*process)(httplib::Stream&, const std::string&, int, const std::string&,
                                   int, bool, bool&, const Setup&),
            Exchange& exchange, bool& closed) {
    std::string peer;
    int port = 0;
    exchange.get_remote_ip_and_port(peer, port);
    (this->*process)(exchange, peer, 0, "", 0, true, closed, nullptr);
  }

  void send(ServerResponse from, httplib::Response& to) {
    if (dress_) dress_(accept_, from);
    fill_response(from, to);
  }

  const Dress dress_;
  const Answer* answer_ = nullptr;
  std::string accept_;
};

HttpLibrary::HttpLibrary(Dress dress) : server_(std::make_unique<Server>(std::move(dress))) {}
HttpLibrary::~HttpLibrary() = default;

void HttpLibrary::converse(const RequestHead& head, const std::string& peer, HttpStream& out,
                           const Answer& answer) {
  server_->run(head, peer, out, answer);
}

void HttpLibrary::refuse(const HttpRefusal& refusal, bool without_body, const std::string& accept,
                         HttpStream& out) {
  RequestHead head;
  head.method = without_body ? "HEAD" : "GET";
  head.path = "/";
  if (!accept.empty()) head.fields = {{"accept", accept}};
  converse(head, "", out,
           [&](const Query&) { return problem(refusal.status, refusal.title, refusal.detail); });
}

}  // namespace mxswitch
