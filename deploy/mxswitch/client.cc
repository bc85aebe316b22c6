#include "deploy/mxswitch/client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <thread>

#include "deploy/mxswitch/exit_code.h"
#include "probes/base/blocking_http.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

constexpr Duration kAskEvery{200};
constexpr Duration kPatience = std::chrono::minutes(2);
constexpr const char* kGiveToken = "give one of its tokens by --token-file or MXSWITCH_TOKEN";

Result<std::string> read_token(const ServerFlags& flags) {
  if (!flags.token_file.empty()) return read_secret_file(flags.token_file);
  const char* token = std::getenv("MXSWITCH_TOKEN");
  return std::string(token == nullptr ? "" : token);
}

// A problem document (RFC 9457) as an error of ours; the status says which fault it is.
Error problem_of(const HttpResponse& response, const std::string& url) {
  Error error;
  error.where = url;
  switch (response.status) {
    case 401:
      error.mend = kGiveToken;
      [[fallthrough]];
    case 403:
      error.fault = Fault::forbidden;
      break;
    case 404:
      error.fault = Fault::not_found;
      break;
    case 409:
      error.fault = Fault::blocked;
      break;
    case 412:
      error.fault = Fault::stale;
      break;
    case 503:
      error.fault = Fault::unavailable;
      break;
    default:
      error.fault = response.status < 500 ? Fault::usage : Fault::internal;
  }
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  if (body.is_object()) {
    const std::string detail = body.value("detail", "");
    error.what = detail.empty() ? body.value("title", "refused") : detail;
  } else {
    error.what = fmt::format("the server answered {}", response.status);
  }
  return error;
}

Result<nlohmann::json> parse_body(const std::string& body, const std::string& url) {
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  if (parsed.is_discarded()) {
    return fail(Fault::malformed, "the server's answer is no JSON", url,
                "is this an mxswitch server?");
  }
  return parsed;
}

// A request that never left: after one that did, only the server knows.
Error no_server(Error error) {
  if (error.fault != Fault::unavailable) return error;
  error.mend = "start it with: mxswitch serve --config mxswitch.toml, or name it by --server";
  return error;
}

bool ended(const nlohmann::json& operation) {
  const std::string status = operation.value("status", "");
  return status != "accepted" && status != "running";
}

}  // namespace

void add_server_flags(CLI::App& verb, ServerFlags& flags) {
  verb.add_option("--server", flags.server, "where mxswitch serve listens")
      ->envname("MXSWITCH_SERVER")
      ->capture_default_str();
  verb.add_option("--token-file", flags.token_file, "file with the bearer token (mode 0600)")
      ->envname("MXSWITCH_TOKEN_FILE");
  verb.add_option("--ca-file", flags.ca_file, "certificate authority of the server");
}

Result<HttpRequest> Client::request_of(const std::string& path, const std::string& accept) const {
  const auto token = read_token(flags_);
  if (!token) return tl::unexpected(token.error());
  HttpRequest request;
  request.url = flags_.server + path;
  request.headers["Accept"] = accept;
  request.ca_file = flags_.ca_file;
  if (!token->empty()) request.headers["Authorization"] = "Bearer " + *token;
  return request;
}

Result<std::string> Client::get(const std::string& path, const std::string& accept) const {
  const auto request = request_of(path, accept);
  if (!request) return tl::unexpected(request.error());
  const auto response = send_blocking(*request);
  if (!response) return tl::unexpected(no_server(response.error()));
  if (response->status != 200) return tl::unexpected(problem_of(*response, request->url));
  return response->body;
}

Result<void> Client::stream(const std::string& path,
                            const std::function<bool(std::string_view)>& take) const {
  const auto request = request_of(path, "*/*");
  if (!request) return tl::unexpected(request.error());
  auto done = stream_blocking(*request, take);
  if (done) return done;
  if (done.error().fault == Fault::unavailable) return tl::unexpected(no_server(done.error()));
  Error error = done.error();
  error.where = request->url;
  if (error.fault == Fault::forbidden) error.mend = kGiveToken;
  if (error.fault == Fault::not_found) {
    error.what = "nothing was observed of this domain";
    error.mend = "list those that are watched: mxswitch status";
  }
  return tl::unexpected(error);
}

Result<nlohmann::json> Client::json(const std::string& path) const {
  const auto body = get(path, "application/json");
  if (!body) return tl::unexpected(body.error());
  return parse_body(*body, flags_.server + path);
}

Result<std::string> Client::text(const std::string& path) const { return get(path, "text/plain"); }

Result<nlohmann::json> Client::send(const ClientCommand& command, const std::string& key) const {
  const auto token = read_token(flags_);
  if (!token) return tl::unexpected(token.error());
  HttpRequest request;
  request.method = "POST";
  request.url = flags_.server + "/api/v1/switchovers/" + command.domain + "/commands";
  request.ca_file = flags_.ca_file;
  request.headers["Content-Type"] = "application/json";
  request.headers["Idempotency-Key"] = key;
  if (!command.plan_digest.empty()) request.headers["If-Match"] = command.plan_digest;
  if (!token->empty()) request.headers["Authorization"] = "Bearer " + *token;
  nlohmann::json body = {{"verb", command.verb}, {"arguments", command.arguments}};
  request.body = json_text(body);
  const auto response = send_blocking(request);
  if (!response) return tl::unexpected(no_server(response.error()));
  if (response->status == 202 || response->status == 200) {
    return parse_body(response->body, request.url);
  }
  // A refused command is an operation that has ended: its problem document says all of it.
  auto problem = nlohmann::json::parse(response->body, nullptr, false);
  if (problem.is_object() && problem.contains("operation_status")) {
    problem["status"] = problem["operation_status"];
    problem["text"] = problem.value("detail", "");
    return problem;
  }
  return tl::unexpected(problem_of(*response, request.url));
}

Result<nlohmann::json> Client::wait(
    const std::string& operation, Duration patience,
    const std::function<void(const nlohmann::json&)>& progress) const {
  const SystemClock clock;
  const Time until = clock.now() + patience;
  std::string shown;
  while (true) {
    auto state = json("/api/v1/operations/" + operation);
    if (!state) return state;
    const std::string line = json_text(*state);
    if (line != shown && progress) progress(*state);
    shown = line;
    if (ended(*state) || clock.now() > until) return state;
    std::this_thread::sleep_for(kAskEvery);
  }
}

namespace {

std::string text_of(const nlohmann::json& object, const std::string& key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// What came of it, then every gate that is closed with its reason and earliest time.
void print_operation(const nlohmann::json& operation) {
  const auto detail = operation.find("detail");
  const bool has_detail = detail != operation.end() && detail->is_object();
  std::string text = has_detail ? text_of(*detail, "text") : text_of(operation, "text");
  if (text.empty()) text = text_of(operation, "status");
  fmt::print("{}\n", text);
  const auto& holder = has_detail ? *detail : operation;
  // The end of an operation has words of its own; what was warned of at its beginning still holds.
  const std::string warning = text_of(holder, "warning");
  if (!warning.empty() && text.find(warning) == text.npos) fmt::print("warning: {}\n", warning);
  const auto closed = holder.find("blocked_by");
  if (closed == holder.end() || !closed->is_array()) return;
  for (const auto& gate : *closed) {
    const std::string earliest = text_of(gate, "earliest");
    fmt::print("  {:<12} {}: {}{}\n", text_of(gate, "gate"), text_of(gate, "verdict"),
               text_of(gate, "why"), earliest.empty() ? "" : " (not before " + earliest + ")");
  }
}

}  // namespace

Result<nlohmann::json> carry_out(const Client& client, const ClientCommand& command, bool talk) {
  const std::string key = random_uuid();
  auto operation = client.send(command, key);
  if (!operation || ended(*operation)) return operation;
  return client.wait(operation->value("id", ""), kPatience, [talk](const auto& state) {
    if (talk) fmt::print(stderr, "  {}\n", state.value("status", ""));
  });
}

int show_operation(const nlohmann::json& operation, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json_text(operation, 2));
  } else {
    print_operation(operation);
  }
  if (!ended(operation)) return static_cast<int>(ExitCode::in_flight);
  return operation.value("exit_code", 1);
}

int run_command(const Client& client, const ClientCommand& command, bool as_json) {
  const bool talk = !as_json && ::isatty(STDERR_FILENO) != 0;
  const auto operation = carry_out(client, command, talk);
  if (!operation) return report_error(operation.error());
  return show_operation(*operation, as_json);
}

}  // namespace mxswitch
