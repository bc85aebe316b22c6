#include "probes/base/http_server.h"

#include <fmt/format.h>

#include <regex>

#include "probes/base/http_acceptor.h"
#include "probes/base/listening_socket.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

struct Route {
  std::string method;
  std::regex pattern;
  std::string scope;
  Handler handler;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Fields that cpp-httplib puts among those of the client.
bool is_added_by_library(const std::string& name) {
  return name == "remote_addr" || name == "remote_port" || name == "local_addr" ||
         name == "local_port";
}

std::map<std::string, std::string> headers_of(const httplib::Request& request) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) {
    const std::string key = lower(name);
    if (is_added_by_library(key)) continue;
    const auto [place, is_new] = headers.emplace(key, value);
    if (!is_new) place->second += ", " + value;  // RFC 9110 section 5.3
  }
  return headers;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

// What is refused before the body is read. Each of these escapes cpp-httplib's payload limit: a
// chunked body is not counted, a compressed one only before it is inflated, and parts of a
// multipart body are kept beside it.
std::optional<ServerResponse> refusal(const httplib::Request& request,
                                      const HttpServerOptions& options) {
  if (request.has_header("Transfer-Encoding")) {
    return problem(411, "Length required", "send the body with a Content-Length");
  }
  if (request.headers.size() > options.header_limit + 4) {  // four come from the library
    return problem(431, "Too many header fields",
                   fmt::format("at most {} are read", options.header_limit));
  }
  const auto lengths = request.get_header_value_count("Content-Length");
  const std::string length = request.get_header_value("Content-Length");
  const bool digits = length.find_first_not_of("0123456789") == std::string::npos;
  if (lengths > 1 || !digits || (lengths == 1 && length.empty())) {
    return problem(400, "Bad Content-Length");
  }
  if (length.size() > 18 || (!length.empty() && std::stoull(length) > options.body_limit)) {
    return problem(413, "Body too large",
                   fmt::format("at most {} bytes are read", options.body_limit));
  }
  if (request.has_header("Content-Encoding") || request.is_multipart_form_data()) {
    return problem(415, "Unsupported media type", "send the body plain, in one part");
  }
  if (has_control_character(request.path)) return problem(400, "Bad path");
  return std::nullopt;
}

std::string bearer_of(const httplib::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string value = request.get_header_value("Authorization");
  const bool bearer = lower(std::string_view(value).substr(0, kScheme.size())) == kScheme;
  return bearer ? value.substr(kScheme.size()) : "";
}

std::string reason_phrase(int status) {
  switch (status) {
    case 400:
      return "Malformed request";
    case 413:
      return "Body too large";
    case 414:
      return "Request target too long";
    case 416:
      return "Bad range";
    default:
      return "Request failed";
  }
}

void send(const HttpServerOptions& options, const httplib::Request& request, ServerResponse from,
          httplib::Response& to) {
  if (options.dress) options.dress(request.get_header_value("Accept"), from);
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

}  // namespace

struct HttpServer::Impl {
  HttpServerOptions options;
  std::vector<Route> routes;
  std::unique_ptr<HttpAcceptor> acceptor;
  int port = 0;

  bool speaks_tls() const { return !options.certificate_file.empty(); }
  void set_up();
  ServerResponse answer(const httplib::Request& request) const;
  ServerResponse dispatch(const Route& route, const httplib::Request& request,
                          const std::smatch& match) const;
  const BearerToken* find_token(const std::string& presented) const;
  ServerResponse no_route(const std::string& path) const;
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

ServerResponse HttpServer::Impl::no_route(const std::string& path) const {
  std::string allowed;
  for (const Route& route : routes) {
    if (!std::regex_match(path, route.pattern)) continue;
    if (allowed.find(route.method) != std::string::npos) continue;
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) return problem(404, "Not found", "nothing is at " + path);
  ServerResponse response = problem(405, "Method not allowed", "this resource takes " + allowed);
  response.headers["Allow"] = allowed;
  return response;
}

ServerResponse HttpServer::Impl::dispatch(const Route& route, const httplib::Request& from,
                                          const std::smatch& match) const {
  ServerRequest request;
  request.method = from.method;
  request.path = from.path;
  for (std::size_t i = 1; i < match.size(); ++i) request.captures.push_back(match[i].str());
  request.query.insert(from.params.begin(), from.params.end());
  request.headers = headers_of(from);
  request.body = from.body;
  request.peer = from.remote_addr;
  const BearerToken* token = find_token(bearer_of(from));
  if (token != nullptr) {
    request.scopes = token->scopes;
    request.token_name = token->name;
  }
  const auto& scopes = request.scopes;
  if (route.scope.empty() || std::find(scopes.begin(), scopes.end(), route.scope) != scopes.end()) {
    return route.handler(request);
  }
  if (token != nullptr) {
    return problem(403, "Token without the scope", "this needs the scope " + route.scope);
  }
  ServerResponse response =
      problem(401, from.has_header("Authorization") ? "Token wrong" : "Token missing",
              "send a bearer token with the scope " + route.scope);
  response.headers["WWW-Authenticate"] = "Bearer";
  return response;
}

ServerResponse HttpServer::Impl::answer(const httplib::Request& request) const {
  if (options.refuse_tokens_in_clear_text && !speaks_tls() && request.has_header("Authorization") &&
      !is_loopback(request.remote_addr)) {
    return problem(403, "Token over clear text",
                   "this token has crossed the network unprotected: replace it, and use https");
  }
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::smatch match;
  for (const Route& route : routes) {
    if (route.method == method && std::regex_match(request.path, match, route.pattern)) {
      return dispatch(route, request, match);
    }
  }
  return no_route(request.path);
}

void HttpServer::Impl::set_up() {
  acceptor->leaves_body_unread = [this](const httplib::Request& request) {
    return refusal(request, options).has_value();
  };
  acceptor->set_payload_max_length(options.body_limit);
  acceptor->set_pre_routing_handler([this](const auto& request, auto& response) {
    const auto refused = refusal(request, options);
    if (refused) send(options, request, *refused, response);
    return refused ? httplib::Server::HandlerResponse::Handled
                   : httplib::Server::HandlerResponse::Unhandled;
  });
  // Our own routing answers 404 and 405 as problems; the library sees one route for all.
  const httplib::Server::Handler handle = [this](const auto& request, auto& response) {
    send(options, request, answer(request), response);
  };
  const std::string all = "[^]*";
  acceptor->Get(all, handle).Options(all, handle).Post(all, handle);
  acceptor->Put(all, handle).Patch(all, handle).Delete(all, handle);
  acceptor->set_exception_handler([this](const auto& request, auto& response, std::exception_ptr) {
    send(options, request, problem(500, "Internal error"), response);
  });
  acceptor->set_error_handler([this](const auto& request, auto& response) {
    if (!response.body.empty()) return;
    const int status = response.status;
    send(options, request, problem(status, reason_phrase(status)), response);
  });
}

HttpServer::HttpServer(HttpServerOptions options) : impl_(std::make_unique<Impl>()) {
  for (BearerToken& token : options.tokens) token.sha256_hex = lower(token.sha256_hex);
  impl_->options = std::move(options);
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& pattern,
                       const std::string& scope, Handler handler) {
  impl_->routes.push_back({method, std::regex(pattern), scope, std::move(handler)});
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
  impl_->acceptor = std::make_unique<HttpAcceptor>(std::move(acceptor));
  impl_->set_up();
  impl_->acceptor->serve(*socket);
  return {};
}

int HttpServer::port() const { return impl_->port; }

void HttpServer::stop() {
  if (impl_->acceptor) impl_->acceptor->stop_serving();
}

}  // namespace mxswitch
