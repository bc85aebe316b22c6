#include "orchestrator/relay_agent/policy_request.h"

#include <charconv>
#include <map>

namespace mxswitch::orchestrator {
namespace {

int to_count(const std::string& digits) {
  int count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count < 0 ? 0 : count;
}

PolicyRequest from_attributes(std::map<std::string, std::string, std::less<>>& attributes) {
  PolicyRequest request;
  request.state = attributes["protocol_state"];
  request.instance = attributes["instance"];
  request.queue_id = attributes["queue_id"];
  request.sender = attributes["sender"];
  request.recipient = attributes["recipient"];
  request.client_address = attributes["client_address"];
  request.helo = attributes["helo_name"];
  request.recipient_count = to_count(attributes["recipient_count"]);
  return request;
}

}  // namespace

Result<std::optional<PolicyRequest>> take_policy_request(std::string& buffer) {
  const auto end = buffer.starts_with('\n') ? 0 : buffer.find("\n\n");
  if (end == buffer.npos) {
    if (buffer.size() > kPolicyRequestLimit) {
      return fail(Fault::malformed, "a policy request is too long");
    }
    return std::optional<PolicyRequest>();
  }
  std::map<std::string, std::string, std::less<>> attributes;
  std::string_view rest(buffer.data(), end);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    const auto equals = line.find('=');
    if (equals == line.npos || equals == 0) {
      return fail(Fault::malformed, "a line of a policy request is not name=value");
    }
    attributes.emplace(line.substr(0, equals), line.substr(equals + 1));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  if (attributes["request"] != "smtpd_access_policy") {
    return fail(Fault::malformed, "not a request of smtpd's access policy");
  }
  PolicyRequest request = from_attributes(attributes);
  buffer.erase(0, end + 2);
  return std::optional<PolicyRequest>(std::move(request));
}

std::string to_policy_reply(std::string_view action) {
  return "action=" + std::string(action) + "\n\n";
}

}  // namespace mxswitch::orchestrator
