// What the clients of both kinds (in the loop and blocking) hold requests to. Pure.
#pragma once

#include "probes/base/http_client.h"

namespace mxswitch {

// The parts of an http or https URL that a client connects by.
struct HttpTarget {
  bool tls = false;
  std::string host;    // IPv6 without brackets
  int port = 80;       // 443 with TLS
  std::string path;    // with the query, at least "/"
  std::string origin;  // "https://host:port": what errors show, since paths and users can be secret
};

// `usage` for another scheme, a missing host, a user in the URL, or control characters.
Result<HttpTarget> parse_target(const std::string& url);
// Refuses a method or header that would break out of its line.
Result<void> check_request(const HttpRequest& request);
std::string lower_case(std::string_view text);
bool is_http_token(std::string_view text);  // RFC 9110 section 5.6.2

}  // namespace mxswitch
