#include "probes/base/http_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probes/base/http_rules.h"

namespace mxswitch {
namespace {

using Refused = tl::unexpected<HttpRefusal>;

constexpr std::array<std::string_view, 7> kMethods = {"GET",    "HEAD",  "POST",   "PUT",
                                                      "DELETE", "PATCH", "OPTIONS"};

Refused refuse(int status, std::string title, std::string detail = {}) {
  return Refused(HttpRefusal{status, std::move(title), std::move(detail)});
}

Refused malformed(std::string detail) {
  return refuse(400, "Malformed request", std::move(detail));
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "HTTP/1.1" and its like.
bool is_version(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

bool is_host_field(std::string_view value) {
  return is_visible(value) && value.find_first_of("/?#@,\\\"<>") == value.npos;
}

class HeadParser {
 public:
  explicit HeadParser(const RequestLimits& limits) : limits_(limits) {}

  tl::expected<RequestHead, HttpRefusal> parse(std::string_view text) {
    auto read = read_request_line(next_line(text));
    while (read) {
      const std::string_view line = next_line(text);
      if (line.empty()) break;
      read = read_field(line);
    }
    if (read) read = check_host();
    if (read) read = check_framing();
    if (!read) return Refused(read.error());
    return std::move(head_);
  }

 private:
  using Read = tl::expected<void, HttpRefusal>;

  static std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    return line;
  }

  Read read_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto second = first == line.npos ? line.npos : line.find(' ', first + 1);
    if (second == line.npos) return malformed("the request line is not METHOD TARGET VERSION");
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(second + 1);
    if (!is_http_token(method)) return malformed("the method is no token");
    if (!is_version(version)) return malformed("the version is not HTTP/1.1");
    if (version[5] != '1' || version[7] > '1')
      return refuse(505, "HTTP version not supported", "speak HTTP/1.1 or HTTP/1.0");
    if (std::ranges::find(kMethods, method) == kMethods.end())
      return refuse(501, "Method not implemented", fmt::format("{} is not known here", method));
    head_.method = method;
    head_.is_http_1_0 = version[7] == '0';
    return read_target(line.substr(first + 1, second - first - 1));
  }

  Read read_target(std::string_view target) {
    if (target.size() > limits_.target_octets)
      return refuse(414, "Request target too long",
                    fmt::format("at most {} octets are read", limits_.target_octets));
    if (!is_visible(target) || target.find('#') != target.npos)
      return malformed("the target holds a character that must be percent-encoded");
    const bool of_server = target == "*" && head_.method == "OPTIONS";
    if (target.find("://") != target.npos && !target.starts_with('/')) {
      const auto url = parse_target(std::string(target));
      if (!url) return malformed("the target is no URL of http or https");
      const auto host = target.substr(target.find("://") + 3);
      authority_ = host.substr(0, host.find_first_of("/?"));
      set_target(url->path);
    } else if (target.starts_with('/') || of_server) {
      set_target(target);
    } else {
      return malformed("the target does not begin with /");
    }
    if (head_.path.size() > limits_.path_octets)
      return refuse(414, "Request target too long",
                    fmt::format("a path has at most {} octets here", limits_.path_octets));
    return {};
  }

  void set_target(std::string_view target) {
    const auto mark = std::min(target.find('?'), target.size());
    head_.path = target.substr(0, mark);
    head_.query = target.substr(std::min(mark + 1, target.size()));
  }

  Read read_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return malformed("a field is folded");
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == line.npos || !is_http_token(name)) return malformed("a field has no name");
    const std::string_view value = trimmed(line.substr(colon + 1));
    const bool clean = std::ranges::all_of(value, [](char c) {
      return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    });
    if (!clean) return malformed("a field holds a control character");
    if (line.size() > limits_.line_octets || head_.fields.size() >= limits_.fields)
      return refuse(431, "Too many header fields",
                    fmt::format("at most {} of {} octets each are read", limits_.fields,
                                limits_.line_octets));
    head_.fields.emplace_back(lower_case(name), value);
    return {};
  }

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count(head_.fields, name, &std::pair<std::string, std::string>::first));
  }

  // RFC 9112 section 3.2; of an absolute target its own authority holds (section 3.2.2).
  Read check_host() {
    const std::size_t hosts = count("host");
    if (hosts > 1) return malformed("Host stands twice");
    if (hosts == 0 && !head_.is_http_1_0) return malformed("Host is missing");
    for (auto& [name, value] : head_.fields) {
      if (name != "host") continue;
      if (!is_host_field(value)) return malformed("Host is no host");
      if (!authority_.empty()) value = authority_;
    }
    return {};
  }

  Read check_framing() {
    const std::string* length = head_.find("content-length");
    if (head_.find("transfer-encoding") != nullptr) {
      if (length != nullptr)
        return malformed("Transfer-Encoding and Content-Length do not go together");
      return refuse(411, "Length required", "send the body with a Content-Length");
    }
    if (count("content-length") > 1) return refuse(400, "Bad Content-Length", "it stands twice");
    if (length != nullptr) {
      const bool digits = length->find_first_not_of("0123456789") == length->npos;
      if (!digits || length->empty()) return refuse(400, "Bad Content-Length");
      if (length->size() > 18 || std::stoull(*length) > limits_.body_octets)
        return refuse(413, "Body too large",
                      fmt::format("at most {} bytes are read", limits_.body_octets));
      head_.content_length = std::stoull(*length);
    }
    return check_body_form();
  }

  // What would need to be unpacked: a bomb, or parts that are kept beside the body.
  Read check_body_form() {
    const std::string* type = head_.find("content-type");
    const bool in_parts = type != nullptr && lower_case(*type).starts_with("multipart/");
    if (in_parts || head_.find("content-encoding") != nullptr)
      return refuse(415, "Unsupported media type", "send the body plain, in one part");
    const std::string* expect = head_.find("expect");
    if (expect == nullptr || head_.is_http_1_0) return {};
    if (lower_case(*expect) != "100-continue")
      return refuse(417, "Expectation failed", "only 100-continue is known");
    head_.expects_continue = true;
    return {};
  }

  const RequestLimits& limits_;
  RequestHead head_;
  std::string authority_;  // of an absolute target
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  return out;
}

}  // namespace

const std::string* RequestHead::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? nullptr : &found->second;
}

tl::expected<RequestHead, HttpRefusal> parse_head(std::string_view text,
                                                  const RequestLimits& limits) {
  return HeadParser(limits).parse(text);
}

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    const auto end = std::min(path.find('/'), path.size());
    auto segment = decoded(path.substr(0, end));
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
    if (end == path.size()) return segments;
    path.remove_prefix(end + 1);
  }
}

}  // namespace mxswitch
