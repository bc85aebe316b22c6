#include "probes/base/http_rules.h"

#include <fmt/format.h>

#include <charconv>

namespace mxswitch {
namespace {

Failure bad_url(const std::string& what) {
  return fail(Fault::usage, "bad URL: " + what, {}, "write it like https://host:port/path");
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// In brackets stands an IPv6 address; nothing that separates the parts of a URL stands elsewhere.
bool is_host(std::string_view host, bool bracketed) {
  if (!bracketed) return !host.empty() && host.find_first_of("[]<>\"\\^`{|}") == host.npos;
  return host.find(':') != host.npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.") == host.npos;
}

// "[::1]:80" and "host:80" -> host and port.
bool split_authority(std::string_view authority, HttpTarget& target) {
  std::string_view port;
  const bool bracketed = authority.starts_with('[');
  if (bracketed) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return false;
    target.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    target.host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? "" : authority.substr(colon);
  }
  if (!is_host(target.host, bracketed)) return false;
  if (port.empty()) return true;
  if (port[0] != ':') return false;
  port.remove_prefix(1);
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  return code == std::errc() && end == port.data() + port.size() && target.port > 0 &&
         target.port < 65536;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_http_token(std::string_view text) {
  return !text.empty() && is_visible(text) &&
         text.find_first_of("()<>@,;:\\\"/[]?={}") == std::string_view::npos;
}

Result<HttpTarget> parse_target(const std::string& url) {
  HttpTarget target;
  const auto mark = url.find("://");
  const std::string scheme = lower_case(std::string_view(url).substr(0, mark));
  if (mark == std::string::npos || (scheme != "http" && scheme != "https")) {
    return bad_url("only http:// and https:// are spoken");
  }
  if (!is_visible(url)) return bad_url("it holds blanks or control characters");
  target.tls = scheme == "https";
  target.port = target.tls ? 443 : 80;
  const auto begin = mark + 3;
  const auto end = std::min(url.find_first_of("/?#", begin), url.size());
  const auto authority = std::string_view(url).substr(begin, end - begin);
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("user and password do not belong in it");
  }
  if (!split_authority(authority, target)) return bad_url("no host, or a bad port");
  target.path = url.substr(end, url.find('#', end) - end);
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  const bool bracket = target.host.find(':') != std::string::npos;
  target.origin = fmt::format(fmt::runtime(bracket ? "{}://[{}]:{}" : "{}://{}:{}"), scheme,
                              target.host, target.port);
  return target;
}

Result<void> check_request(const HttpRequest& request) {
  if (!is_http_token(request.method)) return fail(Fault::usage, "bad HTTP method");
  for (const auto& [name, value] : request.headers) {
    if (!is_http_token(name)) return fail(Fault::usage, "bad name of a header field");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return fail(Fault::usage, "line break in the header field " + name);
    }
  }
  return {};
}

}  // namespace mxswitch
