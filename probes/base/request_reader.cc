#include "probes/base/request_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/http_rules.h"

namespace mxswitch {
namespace {

// Of a request line: the method, two blanks and the version beside the target.
constexpr std::size_t kBesideTarget = 64;

}  // namespace

bool RequestReader::is_head_request() const { return text_.starts_with("HEAD "); }

std::string RequestReader::accept() const {
  constexpr std::string_view kName = "accept:";
  for (std::size_t at = text_.find("\r\n"); at != text_.npos; at = text_.find("\r\n", at)) {
    at += 2;
    const std::size_t end = std::min(text_.find("\r\n", at), text_.size());
    if (lower_case(std::string_view(text_).substr(at, kName.size())) != kName) continue;
    std::string value = text_.substr(at + kName.size(), end - at - kName.size());
    const bool clean = std::ranges::all_of(value, [](char c) { return c >= ' ' && c < 0x7f; });
    return clean ? value.substr(std::min(value.find_first_not_of(' '), value.size())) : "";
  }
  return {};
}

void RequestReader::refuse(int status, std::string title, std::string detail) {
  refusal_ = {status, std::move(title), std::move(detail)};
  state_ = State::refused;
}

RequestReader::State RequestReader::feed(std::string_view piece) {
  std::size_t taken = 0;
  while (state_ == State::head && taken < piece.size()) take_head(piece[taken++]);
  if (state_ == State::body) {
    const std::size_t wanted = head_.content_length - body_.size();
    body_.append(piece.substr(taken, wanted));
    if (body_.size() == head_.content_length) state_ = State::whole;
  }
  return state_;
}

void RequestReader::take_head(char c) {
  const bool after_return = !text_.empty() && text_.back() == '\r';
  if ((c == '\n') != after_return)
    return refuse(400, "Malformed request", "a line ends otherwise than with CR LF");
  text_ += c;
  if (text_.size() > limits_.head_octets)
    return refuse(431, "Too many header fields",
                  fmt::format("at most {} octets are read", limits_.head_octets));
  if (c != '\n') {
    if (lines_ == 0) return take_request_line(c);
    if (text_.size() - line_begin_ > limits_.line_octets + 2)
      refuse(431, "Too many header fields",
             fmt::format("a field has at most {} octets here", limits_.line_octets));
    return;
  }
  const bool is_empty = text_.size() - line_begin_ == 2;
  line_begin_ = text_.size();
  if (is_empty) return end_head();
  if (++lines_ > limits_.fields + 1)
    refuse(431, "Too many header fields", fmt::format("at most {} are read", limits_.fields));
}

void RequestReader::take_request_line(char c) {
  if (text_.size() > limits_.target_octets + kBesideTarget)
    return refuse(414, "Request target too long",
                  fmt::format("at most {} octets are read", limits_.target_octets));
  if (path_ends_) return;
  if (target_begin_ == 0) {
    if (c == ' ') target_begin_ = text_.size();
  } else if (c == ' ' || c == '?') {
    path_ends_ = true;
  } else if (text_[target_begin_] == '/' && text_.size() - target_begin_ > limits_.path_octets) {
    refuse(414, "Request target too long",
           fmt::format("a path has at most {} octets here", limits_.path_octets));
  }
}

void RequestReader::end_head() {
  auto head = parse_head(text_, limits_);
  if (!head) return refuse(head.error().status, head.error().title, head.error().detail);
  head_ = std::move(*head);
  state_ = State::body;
}

}  // namespace mxswitch
