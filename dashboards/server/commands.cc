#include <algorithm>
#include <array>

#include "dashboards/server/context.h"
#include "probes/base/listening_socket.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;
using orchestrator::Command;
using orchestrator::Operation;

struct Verb {
  std::string_view name, scope;
};
// Verbs that set a judgement aside need more than the right to operate.
constexpr std::array kVerbs = {
    Verb{"switch", "operate"},   Verb{"abort", "operate"},    Verb{"rollback", "operate"},
    Verb{"freeze", "operate"},   Verb{"unfreeze", "operate"}, Verb{"override", "override"},
    Verb{"waive", "override"},   Verb{"unwaive", "override"}, Verb{"approve", "operate"},
    Verb{"resolve", "override"}, Verb{"verify", "operate"},   Verb{"finalize", "operate"},
    Verb{"plan", "operate"},     Verb{"roster", "operate"},   Verb{"alert", "operate"},
};

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == kVerbs.end() ? nullptr : &*found;
}

std::string field(const ServerRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

// An entity tag as it is sent, or the bare digest: "W/" and quotes go.
std::string without_quotes(std::string tag) {
  if (tag.starts_with("W/")) tag.erase(0, 2);
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
    tag = tag.substr(1, tag.size() - 2);
  return tag;
}

json operation_json(const Operation& operation) {
  return {{"id", operation.id},
          {"domain", operation.domain},
          {"verb", operation.verb},
          {"status", operation.status},
          {"exit_code", operation.exit_code},
          {"detail", operation.detail}};
}

// A refusal names what blocks, so that a script need not ask again for the reason.
ServerResponse refused(const Operation& operation) {
  json body = operation_json(operation);
  body["type"] = "about:blank";
  body["title"] = "Refused: " + operation.verb + " " + operation.domain;
  // Status is HTTP's in a problem (RFC 9457); the operation's own is kept beside it.
  body["status"] = 409;
  body["operation_status"] = operation.status;
  const bool is_object = operation.detail.is_object();
  body["blocked_by"] =
      is_object ? operation.detail.value("blocked_by", json::array()) : json::array();
  if (is_object && operation.detail.contains("why")) {
    body["detail"] = operation.detail["why"];
  } else {
    body["detail"] = "see blocked_by";
  }
  ServerResponse response = json_response(409, body);
  response.content_type = "application/problem+json";
  return response;
}

ServerResponse operation_response(int status, const Operation& operation) {
  if (status == 202 && operation.status == "refused") return refused(operation);
  ServerResponse response = json_response(status, operation_json(operation));
  response.headers["Location"] = "/api/v1/operations/" + operation.id;
  return response;
}

// Who may command at all; the text says what is missing.
std::optional<ServerResponse> refusal_of_caller(const Context& context,
                                                const ServerRequest& request, const Verb& verb) {
  const auto& http = context.options.http;
  if (http.tokens.empty()) {
    return problem(403, "Commands are off",
                   "no token is configured; add one with the scope operate to mxswitch.toml "
                   "([server] token), since any program on this machine can reach this address");
  }
  if (http.certificate_file.empty() && !is_loopback(request.peer)) {
    return problem(403, "Commands need TLS",
                   "set [server] certificate and key, or put a TLS proxy in front on loopback");
  }
  if (request.token_name.empty()) {
    const std::string wanted = "send a bearer token with the scope " + std::string(verb.scope);
    ServerResponse response =
        field(request, "authorization").empty()
            ? problem(401, "Token missing", "a token is missing: " + wanted)
            : problem(401, "Token wrong",
                      "the token that was sent is none of those in mxswitch.toml: " + wanted);
    response.headers["WWW-Authenticate"] = "Bearer";
    return response;
  }
  if (std::ranges::count(request.scopes, verb.scope) > 0) return std::nullopt;
  return problem(403, "Token without the scope",
                 std::string(verb.name) + " needs the scope " + std::string(verb.scope));
}

// The verb and arguments of the body: {"verb": "switch", "arguments": {"reason": "..."}}.
Result<Command> read_command(const ServerRequest& request) {
  if (!field(request, "content-type").starts_with("application/json")) {
    return fail(Fault::usage, "the body must be application/json", "Content-Type");
  }
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("verb") || !body["verb"].is_string()) {
    return fail(Fault::malformed, "the body is no object with a verb", "body",
                R"(send {"verb": "switch", "arguments": {"reason": "..."}})");
  }
  Command command;
  command.verb = body["verb"].get<std::string>();
  command.arguments = body.value("arguments", json::object());
  if (!command.arguments.is_object()) {
    return fail(Fault::malformed, "arguments is no object", "body");
  }
  command.domain = orchestrator::domain_as_kept(request.captures.at(0));
  command.author = request.token_name.empty() ? "local" : request.token_name;
  command.idempotency_key = field(request, "idempotency-key");
  command.if_match = without_quotes(field(request, "if-match"));
  return command;
}

ServerResponse take_command(Context& context, const ServerRequest& request) {
  auto command = read_command(request);
  // The caller's right is judged first, so that a stranger learns nothing from a better body.
  const Verb* verb = command ? find_verb(command->verb) : nullptr;
  constexpr Verb kLeast{"a command", "operate"};
  if (auto refusal = refusal_of_caller(context, request, verb != nullptr ? *verb : kLeast)) {
    return *refusal;
  }
  if (!command) return problem(command.error());
  if (verb == nullptr) {
    return problem(400, "Unknown verb", "\"" + command->verb + "\" is none; see openapi.json");
  }
  if (command->idempotency_key.empty() || command->idempotency_key.size() > 200) {
    return problem(400, "Idempotency-Key is missing or too long",
                   "send a key of your own, so that a repeated request has no second effect");
  }
  auto operation = context.commands.submit(std::move(*command));
  if (!operation) return problem(operation.error());
  return operation_response(202, *operation);
}

ServerResponse show_operation(Context& context, const ServerRequest& request) {
  auto operation = context.commands.operation(request.captures.at(0));
  return operation ? operation_response(200, *operation) : problem(operation.error());
}

}  // namespace

void add_commands(Context& context, const std::string& read, const AddRoute& add) {
  // The scope depends on the verb, which stands in the body: it is checked in the handler.
  add("POST", "/api/v1/switchovers/{any}/commands", "",
      [&](const ServerRequest& request) { return take_command(context, request); });
  add("GET", "/api/v1/operations/{word}", read,
      [&](const ServerRequest& request) { return show_operation(context, request); });
}

}  // namespace mxswitch::dashboards
