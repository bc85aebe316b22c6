#include "orchestrator/switchover/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/time_text.h"
#include "probes/base/utf8.h"
#include "probes/dns/dns_name.h"

namespace mxswitch::orchestrator {

std::string domain_as_kept(const std::string& given) {
  const auto name = probes::DnsName::from_user(given);
  return name ? name->text() : given;
}

std::string text(const Command& command, const char* key) {
  if (!command.arguments.is_object()) return {};
  const auto found = command.arguments.find(key);
  return found != command.arguments.end() && found->is_string() ? found->get<std::string>()
                                                                : std::string();
}

bool flag(const Command& command, const char* key) {
  if (!command.arguments.is_object()) return false;
  const auto found = command.arguments.find(key);
  return found != command.arguments.end() && found->is_boolean() && found->get<bool>();
}

Result<std::optional<Time>> end_of(const Command& command, Time now) {
  for (const char* key : {"until", "expires_at"}) {
    if (const std::string given = text(command, key); !given.empty()) {
      auto time = parse_time(given);
      if (!time) return tl::unexpected(time.error());
      return std::optional<Time>(*time);
    }
  }
  if (const std::string given = text(command, "expires"); !given.empty()) {
    auto length = parse_duration(given);
    if (!length) return tl::unexpected(length.error());
    return std::optional<Time>(now + *length);
  }
  return std::optional<Time>();
}

Result<void> check_reason(const Command& command) {
  const std::string reason = text(command, "reason");
  const std::size_t length = count_code_points(reason);
  if (length > kReasonCharacters) {
    return fail(
        Fault::usage,
        fmt::format("the reason has {} characters, at most {} are kept", length, kReasonCharacters),
        command.domain, "name the ticket that tells the rest");
  }
  const bool in_one_line = std::ranges::none_of(
      reason, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (in_one_line) return {};
  return fail(Fault::usage, "the reason holds a line break or another control character",
              command.domain, "write it in one line");
}

Refusal usage(const std::string& domain, std::string what, std::string mend) {
  return Refusal{Error{Fault::usage, std::move(what), domain, std::move(mend)}, 2};
}

}  // namespace mxswitch::orchestrator
