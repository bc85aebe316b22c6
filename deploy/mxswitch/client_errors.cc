#include "deploy/mxswitch/client_errors.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mxswitch {
namespace {

std::string text_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string header(const HttpResponse& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

Fault fault_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return Fault::forbidden;
    case 404:
      return Fault::not_found;
    case 409:
      return Fault::blocked;
    case 412:
      return Fault::stale;
    case 429:
    case 502:
    case 503:
    case 504:
      return Fault::unavailable;
    default:
      return status < 400 ? Fault::unavailable : status < 500 ? Fault::usage : Fault::internal;
  }
}

Error token_refused(const Asked& asked) {
  if (!asked.with_token)
    return {Fault::forbidden,
            "no token was given, and the server wants one",
            {},
            "name its file by --token-file or MXSWITCH_TOKEN_FILE"};
  const std::string given = asked.token_file.empty() ? "MXSWITCH_TOKEN" : asked.token_file;
  return {Fault::forbidden,
          fmt::format("the server knows no such token (the one of {})", given),
          {},
          "name the right one by --token-file; what it takes stands in its mxswitch.toml, [server] "
          "token"};
}

// Something in between, or something else at that address.
Error not_ours(const HttpResponse& response, const Asked& asked) {
  const std::string elsewhere = header(response, "location");
  if (response.status >= 300 && response.status < 400 && !elsewhere.empty())
    return {Fault::unavailable,
            fmt::format("{} sends elsewhere: to {}", asked.server, elsewhere),
            {},
            "name the address that it sends to by --server"};
  return {fault_of(response.status),
          fmt::format("{} answers with status {}, and not as mxswitch does", asked.server,
                      response.status),
          {},
          "is another program there, or a proxy that does not reach mxswitch serve?"};
}

std::string mend_of(const HttpResponse& response) {
  const std::string after = header(response, "retry-after");
  switch (response.status) {
    case 429:
    case 503:
      return after.empty() || after.find_first_not_of("0123456789") != after.npos
                 ? "try again in a moment"
                 : fmt::format("try again in {} s", after);
    case 500:
      return "the log of mxswitch serve says more";
    default:
      return {};
  }
}

}  // namespace

Error without_answer(const Error& cause, const Asked& asked) {
  Error error = cause;
  if (cause.fault == Fault::unavailable && cause.mend.empty())
    error.mend =
        "is mxswitch serve running there? Start it (mxswitch serve --config mxswitch.toml), or "
        "name another by --server or MXSWITCH_SERVER";
  if (cause.fault == Fault::usage) {
    error.what = fmt::format("--server \"{}\" can't be used: {}", asked.server, cause.what);
    error.mend = "write it like http://127.0.0.1:8053";
  }
  if (cause.fault == Fault::timed_out && asked.command)
    error.mend =
        "it is not known whether the command took effect: look with mxswitch history before you "
        "repeat it";
  if (cause.fault == Fault::timed_out && !asked.command) {
    error.fault = Fault::unavailable;
    error.mend = asked.server.starts_with("http://")
                     ? "try again; where it goes on, does that address want https://?"
                     : "try again; where it goes on, the log of mxswitch serve says more";
  }
  return error;
}

Error from_refusal(const HttpResponse& response, const Asked& asked) {
  if (response.status == 401) return token_refused(asked);
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  const std::string title = body.is_object() ? text_in(body, "title") : "";
  const std::string detail = body.is_object() ? text_in(body, "detail") : "";
  if (title.empty() && detail.empty()) return not_ours(response, asked);
  return {fault_of(response.status), detail.empty() ? title : detail, {}, mend_of(response)};
}

}  // namespace mxswitch
