#include "deploy/mxswitch/client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <thread>

#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "probes/base/blocking_http.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

constexpr Duration kAskEvery{200};
constexpr Duration kPatience = std::chrono::minutes(2);

Result<std::string> read_token(const ServerFlags& flags) {
  if (!flags.token_file.empty()) return read_secret_file(flags.token_file);
  const char* token = std::getenv("MXSWITCH_TOKEN");
  return std::string(token == nullptr ? "" : token);
}

// Every answer of the server is an object.
Result<nlohmann::json> parse_body(const std::string& body, const std::string& server) {
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  if (!parsed.is_object()) {
    return fail(Fault::malformed, fmt::format("what answers at {} is no mxswitch", server), {},
                "name the address of mxswitch serve by --server");
  }
  return parsed;
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

Client::Client(ServerFlags flags) : flags_(std::move(flags)) {
  if (flags_.server.ends_with('/') && !flags_.server.ends_with("//")) flags_.server.pop_back();
}

Result<HttpRequest> Client::request_of(const std::string& path, const std::string& accept) const {
  const auto token = read_token(flags_);
  if (!token) return tl::unexpected(token.error());
  HttpRequest request;
  request.url = flags_.server + path;
  if (!accept.empty()) request.headers["Accept"] = accept;
  request.ca_file = flags_.ca_file;
  if (!token->empty()) request.headers["Authorization"] = "Bearer " + *token;
  return request;
}

Asked Client::asked(const HttpRequest& request) const {
  return {flags_.server, flags_.token_file, request.headers.contains("Authorization"),
          request.method != "GET"};
}

Result<std::string> Client::get(const std::string& path, const std::string& accept) const {
  const auto request = request_of(path, accept);
  if (!request) return tl::unexpected(request.error());
  const auto response = send_blocking(*request);
  if (!response) return tl::unexpected(without_answer(response.error(), asked(*request)));
  if (response->status != 200) return tl::unexpected(from_refusal(*response, asked(*request)));
  return response->body;
}

Result<void> Client::stream(const std::string& path,
                            const std::function<bool(std::string_view)>& take) const {
  const auto request = request_of(path, "*/*");
  if (!request) return tl::unexpected(request.error());
  auto done = stream_blocking(*request, take);
  if (done) return done;
  if (done.error().fault == Fault::forbidden)
    return tl::unexpected(from_refusal(HttpResponse{401, {}, {}}, asked(*request)));
  if (done.error().fault == Fault::not_found)
    return fail(Fault::not_found, "nothing was observed of this domain", {},
                "list those that are watched: mxswitch status");
  return tl::unexpected(without_answer(done.error(), asked(*request)));
}

Result<nlohmann::json> Client::json(const std::string& path) const {
  const auto body = get(path, "application/json");
  if (!body) return tl::unexpected(body.error());
  return parse_body(*body, flags_.server);
}

Result<std::string> Client::text(const std::string& path) const { return get(path, "text/plain"); }

Result<nlohmann::json> Client::send(const ClientCommand& command, const std::string& key) const {
  auto request = request_of("/api/v1/switchovers/" + command.domain + "/commands", {});
  if (!request) return tl::unexpected(request.error());
  request->method = "POST";
  request->headers["Content-Type"] = "application/json";
  request->headers["Idempotency-Key"] = key;
  if (!command.plan_digest.empty()) request->headers["If-Match"] = command.plan_digest;
  const nlohmann::json body = {{"verb", command.verb}, {"arguments", command.arguments}};
  request->body = json_text(body);
  const auto response = send_blocking(*request);
  if (!response) return tl::unexpected(without_answer(response.error(), asked(*request)));
  if (response->status == 202 || response->status == 200) {
    return parse_body(response->body, flags_.server);
  }
  // A refused command is an operation that has ended: its problem document says all of it.
  auto problem = nlohmann::json::parse(response->body, nullptr, false);
  if (problem.is_object() && problem.contains("operation_status")) {
    problem["status"] = problem["operation_status"];
    problem["text"] = problem.value("detail", "");
    return problem;
  }
  return tl::unexpected(from_refusal(*response, asked(*request)));
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
  print_text(text);
  const auto& holder = has_detail ? *detail : operation;
  // The end of an operation has words of its own; what was warned of at its beginning still holds.
  const std::string warning = text_of(holder, "warning");
  if (!warning.empty() && text.find(warning) == text.npos) print_text("warning: " + warning);
  const auto closed = holder.find("blocked_by");
  if (closed == holder.end() || !closed->is_array()) return;
  for (const auto& gate : *closed) {
    const std::string earliest = text_of(gate, "earliest");
    print_text(
        fmt::format("{:<12} {}: {}{}", text_of(gate, "gate"), text_of(gate, "verdict"),
                    text_of(gate, "why"), earliest.empty() ? "" : " (not before " + earliest + ")"),
        "  ");
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
