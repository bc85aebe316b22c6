// The requests of Postfix's policy delegation (SMTPD_POLICY_README): "name=value" lines up to an
// empty one. Pure and bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct PolicyRequest {
  std::string state;  // protocol_state: RCPT, END-OF-MESSAGE, ...
  std::string instance, queue_id;
  std::string sender, recipient, client_address, helo;
  int recipient_count = 0;
};

inline constexpr std::size_t kPolicyRequestLimit = 64 * 1024;

// Takes the first whole request off `buffer`. None: more bytes are needed. Fails with `malformed`
// for a line without "=", a request that is not one of access policy, or too long a one.
Result<std::optional<PolicyRequest>> take_policy_request(std::string& buffer);

std::string to_policy_reply(std::string_view action);  // "action=...\n\n"

}  // namespace mxswitch::orchestrator
