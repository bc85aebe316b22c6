// What the answers of a node mean: pure, so that each way an answer can go wrong is a line in a
// test. Used by the native driver alone.
#pragma once

#include <fmt/format.h>

#include <string>

#include "orchestrator/relay/relay_control.h"

namespace mxswitch::orchestrator {

// A status that is no success, as the node's problem details tell it (RFC 9457); `where` is the
// node.
Error error_of(const std::string& node, const HttpResponse& response);

// Our own words for bytes that are not what the contract says.
inline Error broken_answer(const std::string& node, std::string what) {
  return Error{Fault::malformed, fmt::format("the node's answer {}", what), node,
               "check that its API address leads to a relay agent of this version"};
}

// The body of a 2xx answer; any other status is an error.
template <class T>
Result<T> decode(const std::string& node, const Result<HttpResponse>& response) {
  if (!response) return Failure(response.error());
  if (response->status < 200 || response->status > 299) {
    return Failure(error_of(node, *response));
  }
  auto value = parse<T>(response->body);
  if (!value) return Failure(broken_answer(node, "breaks the contract: " + value.error().text()));
  return value;
}

// The same with its ETag, without which no later write is safe.
template <class T>
Result<Tagged<T>> decode_tagged(const std::string& node, const Result<HttpResponse>& response) {
  auto value = decode<T>(node, response);
  if (!value) return Failure(value.error());
  const auto etag = response->headers.find("etag");
  if (etag == response->headers.end() || etag->second.empty()) {
    return Failure(broken_answer(node, "has no ETag"));
  }
  return Tagged<T>{std::move(*value), etag->second};
}

// That the answer is about this domain and from this node: two nodes whose addresses lead to one
// agent would else count as two.
Result<void> check_identity(const std::string& node, const std::string& domain,
                            const RelayDomain& answer);

// SWITCHOVER.md section 5, 4: only an answer that says so is done; only an answer that says so
// is not done; all else is unknown.
WriteResult judge_route_write(const std::string& node, const std::string& domain,
                              const RouteWrite& write, bool dry_run,
                              const Result<HttpResponse>& response);

}  // namespace mxswitch::orchestrator
