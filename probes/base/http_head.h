// The head of a request (RFC 9112 sections 2 to 6): the one place that says where a request begins
// and ends, and what of it is refused before anything else looks at it. Pure; any bytes may come.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace mxswitch {

// Why a request is answered without being looked at further.
struct HttpRefusal {
  int status = 400;
  std::string title, detail;
};

struct RequestLimits {
  std::size_t path_octets = 512;     // as sent, without the query
  std::size_t target_octets = 2048;  // with it
  std::size_t line_octets = 8000;    // of one field
  std::size_t head_octets = 64u << 10;
  std::size_t fields = 100;
  std::size_t body_octets = 1u << 20;
};

struct RequestHead {
  std::string method;
  std::string path, query;  // as sent, still percent-encoded; the query without its "?"
  bool is_http_1_0 = false;
  // In the order they came; names in lower case, values without the blanks around them.
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t content_length = 0;
  bool expects_continue = false;

  // The first of this name (in lower case); null: none came.
  const std::string* find(std::string_view name) const;
};

// `text` ends with the empty line. Refused is whatever two readers could take for two different
// requests: bare line ends, folded fields, a blank before a colon, a second Host or Content-Length,
// any Transfer-Encoding.
tl::expected<RequestHead, HttpRefusal> parse_head(std::string_view text,
                                                  const RequestLimits& limits);

// Of a path: "/v1/a%2Fb" -> {"v1", "a/b"}; none where an escape is broken or a control character
// hides in one. "/" has one empty segment.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

}  // namespace mxswitch
