// Takes a request's octets as they arrive, in pieces of any size, and ends it as soon as it is
// known to be refused: a long path needs no end of line, a flood of fields no last one. No I/O.
#pragma once

#include "probes/base/http_head.h"

namespace mxswitch {

class RequestReader {
 public:
  enum class State { head, body, whole, refused };

  explicit RequestReader(RequestLimits limits) : limits_(limits) {}

  // What follows a whole request is dropped: a connection carries one.
  State feed(std::string_view piece);
  State state() const { return state_; }

  // The client waits to be told that its body is welcome (RFC 9110 section 10.1.1).
  bool is_awaited() const {
    return state_ == State::body && head_.expects_continue && body_.empty();
  }

  const RequestHead& head() const { return head_; }        // from `body` on
  const std::string& body() const { return body_; }        // of `whole`
  const HttpRefusal& refusal() const { return refusal_; }  // of `refused`
  std::string accept() const;    // the Accept field, also of a refused one; empty: none
  bool is_head_request() const;  // also of a refused one

 private:
  void take_head(char c);
  void take_request_line(char c);
  void refuse(int status, std::string title, std::string detail);
  void end_head();

  RequestLimits limits_;
  State state_ = State::head;
  std::string text_;  // of the head
  std::size_t line_begin_ = 0, lines_ = 0, target_begin_ = 0;
  bool path_ends_ = false;
  RequestHead head_;
  std::string body_;
  HttpRefusal refusal_;
};

}  // namespace mxswitch
