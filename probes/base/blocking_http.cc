#include "probes/base/blocking_http.h"

#include <fmt/format.h>
#include <httplib.h>

#include "probes/base/http_rules.h"

namespace mxswitch {
namespace {

httplib::Headers headers_of(const HttpRequest& request) {
  httplib::Headers headers(request.headers.begin(), request.headers.end());
  headers.emplace("Connection", "close");
  if (!request.username.empty()) {
    headers.insert(httplib::make_basic_authentication_header(request.username, request.password));
  }
  return headers;
}

httplib::Client connect(const HttpRequest& request, const HttpTarget& target) {
  httplib::Client client(target.origin);
  client.set_connection_timeout(request.timeout);
  client.set_read_timeout(request.timeout);
  client.set_write_timeout(request.timeout);
  client.set_follow_location(false);
  client.set_keep_alive(false);
  client.set_decompress(false);
  client.set_url_encode(false);
  client.enable_server_certificate_verification(true);
  if (!request.ca_file.empty()) client.set_ca_cert_path(request.ca_file.c_str());
  return client;
}

// What happened before the first byte of the request left.
bool is_before_sending(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return true;
    default:
      return false;
  }
}

// What it is, and what to do where that does not depend on the program that should be there.
Error before_sending(httplib::Error error, const std::string& origin) {
  switch (error) {
    case httplib::Error::SSLServerVerification:
      return {Fault::unavailable,
              fmt::format("the certificate of {} is not trusted", origin),
              {},
              "name the file with its authority's certificate"};
    case httplib::Error::SSLConnection:
      return {Fault::unavailable,
              fmt::format("no TLS connection is made with {}", origin),
              {},
              "does it speak plain http? Then write http://"};
    case httplib::Error::SSLLoadingCerts:
      return {Fault::usage,
              "the file of trusted authorities can't be read",
              {},
              "name a readable PEM file"};
    case httplib::Error::ConnectionTimeout:
      return {Fault::unavailable, fmt::format("no connection to {} in time", origin), {}, {}};
    default:
      return {Fault::unavailable, fmt::format("nothing answers at {}", origin), {}, {}};
  }
}

Failure failure(httplib::Error error, const HttpTarget& target) {
  if (is_before_sending(error)) return Failure(before_sending(error, target.origin));
  return fail(Fault::timed_out,
              fmt::format("no whole answer from {} ({})", target.origin, httplib::to_string(error)),
              {}, "it is unknown whether the request took effect");
}

Result<HttpTarget> check(const HttpRequest& request) {
  auto target = parse_target(request.url);
  const auto checked = check_request(request);
  if (target && !checked) return Failure(checked.error());
  return target;
}

httplib::Request library_request(const HttpRequest& from, const HttpTarget& target) {
  httplib::Request request;
  request.method = from.method;
  request.path = target.path;
  request.headers = headers_of(from);
  request.body = from.body;
  return request;
}

Failure refused(int status, const HttpTarget& target) {
  const Fault fault = status == 401 || status == 403 ? Fault::forbidden
                      : status == 404                ? Fault::not_found
                                                     : Fault::unavailable;
  return fail(fault, fmt::format("{} answers with status {}", target.origin, status));
}

}  // namespace

Result<HttpResponse> send_blocking(const HttpRequest& request) {
  const auto target = check(request);
  if (!target) return Failure(target.error());
  HttpResponse response;
  bool too_long = false;
  httplib::Request wanted = library_request(request, *target);
  wanted.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    too_long = size > request.body_limit - response.body.size();
    if (!too_long) response.body.append(data, size);
    return !too_long;
  };
  const httplib::Result result = connect(request, *target).send(wanted);
  if (too_long) {
    return fail(Fault::malformed, fmt::format("the answer of {} is longer than {} bytes",
                                              target->origin, request.body_limit));
  }
  if (!result) return failure(result.error(), *target);
  response.status = result->status;
  for (const auto& [name, value] : result->headers) response.headers[lower_case(name)] = value;
  return response;
}

Result<void> stream_blocking(const HttpRequest& request,
                             const std::function<bool(std::string_view)>& take) {
  const auto target = check(request);
  if (!target) return Failure(target.error());
  int status = 0;
  httplib::Request wanted = library_request(request, *target);
  wanted.response_handler = [&](const httplib::Response& response) {
    status = response.status;
    return status == 200;
  };
  wanted.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    return take({data, size});
  };
  const httplib::Result result = connect(request, *target).send(wanted);
  if (status == 200) return {};
  if (status != 0) return refused(status, *target);
  return failure(result.error(), *target);
}

}  // namespace mxswitch
