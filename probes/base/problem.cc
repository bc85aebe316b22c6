#include <nlohmann/json.hpp>

#include "probes/base/http_server.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

using Json = nlohmann::ordered_json;

int status_of(Fault fault) {
  switch (fault) {
    case Fault::usage:
    case Fault::malformed:
      return 400;
    case Fault::not_found:
      return 404;
    case Fault::conflict:
    case Fault::blocked:
      return 409;
    case Fault::stale:
      return 412;
    case Fault::forbidden:
      return 403;
    case Fault::unavailable:
      return 503;
    case Fault::timed_out:
      return 504;
    case Fault::internal:
      break;
  }
  return 500;
}

}  // namespace

ServerResponse problem(int status, const std::string& title, const std::string& detail) {
  Json body = {{"type", "about:blank"}, {"title", title}, {"status", status}};
  if (!detail.empty()) body["detail"] = detail;
  ServerResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = json_text(body);
  return response;
}

ServerResponse problem(const Error& error) {
  return problem(status_of(error.fault), error.what, error.text());
}

}  // namespace mxswitch
