#include "probes/base/http_server.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/http_acceptor.h"
#include "probes/base/http_library.h"
#include "probes/base/http_router.h"
#include "probes/base/http_rules.h"
#include "probes/base/listening_socket.h"
#include "probes/base/request_reader.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

using Segments = std::vector<std::string>;

std::map<std::string, std::string> headers_of(const RequestHead& head) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : head.fields) {
    const auto [place, is_new] = headers.emplace(name, value);
    if (!is_new) place->second += ", " + value;  // RFC 9110 section 5.3
  }
  return headers;
}

std::string joined(const Segments& segments) {
  std::string path;
  for (const std::string& segment : segments) path += "/" + segment;
  return path;
}

std::string field(const ServerRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

std::string bearer_of(const ServerRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string value = field(request, "authorization");
  const bool bearer = lower_case(std::string_view(value).substr(0, kScheme.size())) == kScheme;
  return bearer ? value.substr(kScheme.size()) : "";
}

// False: the client is gone, or was too slow.
bool read_request(HttpStream& stream, RequestReader& reader) {
  char piece[16384];
  bool told = false;
  while (reader.state() == RequestReader::State::head ||
         reader.state() == RequestReader::State::body) {
    if (reader.is_awaited() && !std::exchange(told, true) &&
        !stream.write_all("HTTP/1.1 100 Continue\r\n\r\n")) {
      return false;
    }
    const ssize_t got = stream.read(piece, sizeof(piece));
    if (got <= 0) return false;
    reader.feed({piece, static_cast<std::size_t>(got)});
  }
  return true;
}

}  // namespace

struct HttpServer::Impl {
  HttpServerOptions options;
  HttpRouter router;
  std::unique_ptr<HttpAcceptor> acceptor;
  int port = 0;

  bool speaks_tls() const { return !options.certificate_file.empty(); }
  HttpAcceptor::Converse conversation() const;
  bool converse(HttpStream& stream, HttpLibrary& library) const;
  ServerResponse answer(ServerRequest& request, const Segments& segments) const;
  ServerResponse dispatch(const HttpRouter::Route& route, ServerRequest& request) const;
  const BearerToken* find_token(const std::string& presented) const;
  ServerResponse no_route(const Segments& segments) const;
};

// Every configured token is compared, so the time says nothing about which one came near.
const BearerToken* HttpServer::Impl::find_token(const std::string& presented) const {
  const std::string digest = sha256_hex(presented);
  const BearerToken* found = nullptr;
  for (const BearerToken& token : options.tokens) {
    if (equal_in_constant_time(digest, token.sha256_hex)) found = &token;
  }
  return presented.empty() ? nullptr : found;
}

ServerResponse HttpServer::Impl::no_route(const Segments& segments) const {
  const std::string allowed = router.methods_at(segments);
  if (allowed.empty()) return problem(404, "Not found", "nothing is at " + joined(segments));
  ServerResponse response = problem(405, "Method not allowed", "this resource takes " + allowed);
  response.headers["Allow"] = allowed;
  return response;
}

ServerResponse HttpServer::Impl::dispatch(const HttpRouter::Route& route,
                                          ServerRequest& request) const {
  const BearerToken* token = find_token(bearer_of(request));
  if (token != nullptr) {
    request.scopes = token->scopes;
    request.token_name = token->name;
  }
  const auto& scopes = request.scopes;
  if (route.scope.empty() || std::ranges::count(scopes, route.scope) > 0)
    return route.handler(request);
  if (token != nullptr) {
    return problem(403, "Token without the scope", "this needs the scope " + route.scope);
  }
  ServerResponse response =
      problem(401, request.headers.contains("authorization") ? "Token wrong" : "Token missing",
              "send a bearer token with the scope " + route.scope);
  response.headers["WWW-Authenticate"] = "Bearer";
  return response;
}

ServerResponse HttpServer::Impl::answer(ServerRequest& request, const Segments& segments) const {
  if (options.refuse_tokens_in_clear_text && !speaks_tls() &&
      request.headers.contains("authorization") && !is_loopback(request.peer)) {
    return problem(403, "Token over clear text",
                   "this token has crossed the network unprotected: replace it, and use https");
  }
  auto found = router.find(request.method == "HEAD" ? "GET" : request.method, segments);
  if (found.route == nullptr) return no_route(segments);
  request.captures = std::move(found.captures);
  return dispatch(*found.route, request);
}

// True: what the client sent was left unread.
bool HttpServer::Impl::converse(HttpStream& stream, HttpLibrary& library) const {
  RequestLimits limits;
  limits.body_octets = options.body_limit;
  limits.fields = options.header_limit;
  RequestReader reader(limits);
  if (!read_request(stream, reader)) return false;
  if (reader.state() == RequestReader::State::refused) {
    library.refuse(reader.refusal(), reader.is_head_request(), reader.accept(), stream);
    return true;
  }
  const RequestHead& head = reader.head();
  const auto segments = path_segments(head.path);
  if (!segments) {
    library.refuse({400, "Bad path", "it holds a broken escape or a control character"},
                   reader.is_head_request(), reader.accept(), stream);
    return false;
  }
  ServerRequest request;
  request.method = head.method;
  request.path = joined(*segments);
  request.headers = headers_of(head);
  request.body = reader.body();
  request.peer = stream.peer();
  library.converse(head, request.peer, stream, [&](const HttpLibrary::Query& query) {
    request.query = query;
    return answer(request, *segments);
  });
  return false;
}

HttpAcceptor::Converse HttpServer::Impl::conversation() const {
  auto library = std::make_shared<HttpLibrary>(options.dress);
  return [this, library](HttpStream& stream) { return converse(stream, *library); };
}

HttpServer::HttpServer(HttpServerOptions options) : impl_(std::make_unique<Impl>()) {
  for (BearerToken& token : options.tokens) token.sha256_hex = lower_case(token.sha256_hex);
  impl_->options = std::move(options);
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& pattern,
                       const std::string& scope, Handler handler) {
  impl_->router.add({method, scope, std::move(handler)}, pattern);
}

Result<void> HttpServer::start() {
  const HttpServerOptions& options = impl_->options;
  AcceptorOptions acceptor{options.threads, options.queue_limit, options.read_time, {}};
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return fail(Fault::usage, "TLS needs a certificate and a key",
                options.certificate_file + options.key_file, "give both files, or neither");
  }
  if (impl_->speaks_tls()) {
    auto tls = load_tls(options.certificate_file, options.key_file);
    if (!tls) return Failure(std::move(tls).error());
    acceptor.tls = std::move(*tls);
  }
  const auto socket = open_listening_socket(options.address, options.port);
  if (!socket) return Failure(socket.error());
  impl_->port = bound_port(*socket);
  impl_->acceptor = std::make_unique<HttpAcceptor>(
      std::move(acceptor), [impl = impl_.get()] { return impl->conversation(); });
  impl_->acceptor->serve(*socket);
  return {};
}

int HttpServer::port() const { return impl_->port; }

void HttpServer::stop() {
  if (impl_->acceptor) impl_->acceptor->stop_serving();
}

}  // namespace mxswitch
