// An HttpClient whose answers a test writes down beforehand; it keeps what was asked.
#pragma once

#include <asio/awaitable.hpp>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "probes/base/http_client.h"

namespace mxswitch::fakes {

class FakeHttpClient final : public HttpClient {
 public:
  void answer(Result<HttpResponse> response) { answers_.push_back(std::move(response)); }
  void answer(int status, std::string body, std::map<std::string, std::string> headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    answer(Result<HttpResponse>(std::move(response)));
  }

  // Without an answer left nothing listens there.
  asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override {
    if (request.still_wanted && !request.still_wanted()) {
      co_return fail(Fault::stale, "nothing was sent: it is wanted no more");
    }
    requests.push_back(std::move(request));
    if (answers_.empty()) co_return fail(Fault::unavailable, "connection refused");
    auto next = std::move(answers_.front());
    answers_.pop_front();
    co_return next;
  }

  std::vector<HttpRequest> requests;

 private:
  std::deque<Result<HttpResponse>> answers_;
};

}  // namespace mxswitch::fakes
