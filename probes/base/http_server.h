// An HTTP server with the guards that every one of ours needs: requests are read whole within our
// own limits (http_head.h) before cpp-httplib sees them, paths are matched by segments, a bounded
// task queue, a larger accept backlog, bearer tokens, and problem details (RFC 9457). Handlers run
// on pool threads; they hand work to a loop themselves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch {

struct ServerRequest {
  std::string method;
  std::string path;                   // decoded, without the query
  std::vector<std::string> captures;  // what stands where the route's pattern has braces, decoded
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string peer;  // address of the client
  // Scopes of the bearer token that came with the request; empty without a valid one.
  std::vector<std::string> scopes;
  std::string token_name;
};

// Writes the next piece of a stream. Returns false when the stream ends or the client is gone.
using StreamSource = std::function<bool(const std::function<bool(std::string_view)>& write)>;

struct ServerResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;
  StreamSource stream;  // set: the body is streamed and the connection then closed
};

// application/problem+json with type, title, status and detail.
ServerResponse problem(int status, const std::string& title, const std::string& detail = {});
ServerResponse problem(const Error& error);  // the status follows from the fault

using Handler = std::function<ServerResponse(const ServerRequest&)>;

struct BearerToken {
  std::string name;
  std::string sha256_hex;           // of the token; the token itself is never kept
  std::vector<std::string> scopes;  // read, operate, override
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;              // 0: any free one
  std::size_t threads = 16;  // at least the streams' cap + 8
  std::size_t body_limit = 1u << 20;
  std::size_t header_limit = 100;
  std::vector<BearerToken> tokens;
  std::string certificate_file, key_file;  // both set: TLS
  // Connections that may wait for a thread; more are answered 503.
  std::size_t queue_limit = 256;
  Duration read_time = seconds(20);  // for a whole request to arrive
  // A request with a token that comes over clear text from another machine is refused (403): the
  // token is then known to the network.
  bool refuse_tokens_in_clear_text = false;
  // Sees every answer last, with the client's Accept field: also those that no handler made (404,
  // 405, 413, 500, ...). Called on the threads of the server; may be empty.
  std::function<void(const std::string& accept, ServerResponse& response)> dress;
};

class HttpServer {
 public:
  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();

  // `pattern` as in HttpRouter: "/d/{any}". `scope` empty: no token needed.
  void route(const std::string& method, const std::string& pattern, const std::string& scope,
             Handler handler);

  // Binds and serves on threads of its own. `usage` when the address is bad or the port in use:
  // the text names both and what to do.
  Result<void> start();
  int port() const;
  void stop();  // ends within a second; idempotent

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxswitch
