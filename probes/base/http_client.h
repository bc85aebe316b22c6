// The HTTP client inside the daemons: libcurl's multi interface driven by the Asio loop.
// One instance a loop; used from the loop's thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch {

// Asked once, in the turn of the loop in which the request leaves: connecting takes many turns, and
// what was to be written may be wanted no more by then. Empty: always wanted.
using StillWanted = std::function<bool()>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::map<std::string, std::string> headers;
  std::string body;
  std::string ca_file;   // empty: the system's
  std::string username;  // with `password`: HTTP basic
  std::string password;
  Duration timeout = seconds(10);
  std::size_t body_limit = 4u << 20;  // a longer answer fails with `malformed`
  StillWanted still_wanted;           // no: fails with `stale`, and nothing was sent
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of a kind wins
  std::string body;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // A response of any status is a value. Fails with `unavailable` (no connection was made, so
  // nothing was done there) or `timed_out` (the outcome at the other side is unknown).
  // Redirects are not followed.
  virtual asio::awaitable<Result<HttpResponse>> send(HttpRequest request) = 0;
};

std::unique_ptr<HttpClient> make_http_client(asio::any_io_executor loop);

}  // namespace mxswitch
