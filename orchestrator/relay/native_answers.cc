#include "orchestrator/relay/native_answers.h"

#include <algorithm>

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kDetailLimit = 500;

Fault fault_of(int status) {
  switch (status) {
    case 400:
    case 411:
    case 413:
    case 422:
      return Fault::usage;
    case 401:
    case 403:
      return Fault::forbidden;
    case 404:
      return Fault::not_found;
    case 409:
      return Fault::conflict;
    case 412:
    case 428:
      return Fault::stale;
    case 503:
      return Fault::unavailable;
    default:
      return Fault::malformed;
  }
}

std::string mend_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return "check the relay's token_file and the token's scope at the node";
    case 412:
    case 428:
      return "read it again and judge anew";
    case 503:
      return "try again when the node is ready";
    default:
      return {};
  }
}

// Text of another machine on its way to a terminal or a page.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), kDetailLimit));
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return text;
}

// A proxy on the way answers without it, and then nothing is known of the node.
bool is_problem(const HttpResponse& response) {
  const auto type = response.headers.find("content-type");
  return type != response.headers.end() && type->second.starts_with("application/problem+json");
}

std::string field_of(const nlohmann::json& problem, const char* name) {
  if (!problem.is_object()) return {};
  const auto field = problem.find(name);
  return field != problem.end() && field->is_string() ? printable(field->get<std::string>())
                                                      : std::string();
}

WriteResult with_error(WriteOutcome outcome, Error error) {
  return {outcome, std::nullopt, std::move(error)};
}

WriteResult no_answer(const Error& error) {
  if (error.fault == Fault::stale) return with_error(WriteOutcome::withdrawn, error);
  const bool never_left = error.fault == Fault::unavailable;
  return with_error(never_left ? WriteOutcome::unreachable : WriteOutcome::unknown, error);
}

// A refusal counts as one only in the node's own words.
bool is_refusal(const HttpResponse& response) {
  const bool refusing =
      (response.status >= 400 && response.status <= 499) || response.status == 503;
  return refusing && is_problem(response);
}

Result<void> check_dry_run(const std::string& node, const HttpResponse& response) {
  const auto header = response.headers.find("dry-run");
  if (header != response.headers.end() && header->second == "true") return {};
  return Failure(broken_answer(node, "does not say that this was a dry run"));
}

Result<void> check_written(const std::string& node, const RouteWrite& write,
                           const RelayDomain& answer) {
  if (answer.mode == write.mode && answer.op_id == write.op_id) return {};
  return Failure(broken_answer(node, fmt::format("shows mode {} where {} was written",
                                                 to_text(answer.mode), to_text(write.mode))));
}

}  // namespace

Error error_of(const std::string& node, const HttpResponse& response) {
  const auto problem = is_problem(response) ? nlohmann::json::parse(response.body, nullptr, false)
                                            : nlohmann::json();
  const std::string title = field_of(problem, "title"), detail = field_of(problem, "detail");
  std::string what = title.empty() ? fmt::format("the node answered {}", response.status) : title;
  if (detail.find(what) != detail.npos) {
    what = detail;
  } else if (!detail.empty()) {
    what += ": " + detail;
  }
  return Error{fault_of(response.status), std::move(what), node, mend_of(response.status)};
}

Result<void> check_identity(const std::string& node, const std::string& domain,
                            const RelayDomain& answer) {
  if (answer.domain != domain) {
    return Failure(broken_answer(node, fmt::format("is about {}", answer.domain)));
  }
  if (answer.in_force.node != node) {
    return Failure(broken_answer(node, fmt::format("comes from node {}", answer.in_force.node)));
  }
  return {};
}

WriteResult judge_route_write(const std::string& node, const std::string& domain,
                              const RouteWrite& write, bool dry_run,
                              const Result<HttpResponse>& response) {
  if (!response) return no_answer(response.error());
  if (is_refusal(*response)) return with_error(WriteOutcome::refused, error_of(node, *response));
  auto answer = decode<RelayDomain>(node, response);
  if (!answer) return with_error(WriteOutcome::unknown, answer.error());
  auto sound = check_identity(node, domain, *answer);
  if (sound) sound = dry_run ? check_dry_run(node, *response) : check_written(node, write, *answer);
  if (!sound) return with_error(WriteOutcome::unknown, sound.error());
  const auto outcome = response->status == 200 ? WriteOutcome::in_force : WriteOutcome::durable;
  return {outcome, std::move(*answer), std::nullopt};
}

}  // namespace mxswitch::orchestrator
