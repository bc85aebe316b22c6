#include "orchestrator/relay_agent/log_line.h"

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kReplyLimit = 300;

// The text between `before` and the next `after`.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto start = text.find(before);
  if (start == text.npos) return {};
  const auto rest = text.substr(start + before.size());
  const auto end = rest.find(after);
  return end == rest.npos ? std::string_view{} : rest.substr(0, end);
}

// "postfix-a/smtp[123]: " ends in the program; what follows is the message.
struct Split {
  std::string_view program, message;
};

std::optional<Split> split_tag(std::string_view line) {
  const auto close = line.find("]: ");
  if (close == line.npos) return std::nullopt;
  const auto open = line.rfind('[', close);
  if (open == line.npos) return std::nullopt;
  const auto tag = line.substr(0, open);
  const auto slash = tag.rfind('/');
  if (slash == tag.npos || tag.find("postfix") == tag.npos) return std::nullopt;
  return Split{tag.substr(slash + 1), line.substr(close + 3)};
}

std::optional<LogStatus> status_from(std::string_view word) {
  if (word == "sent") return LogStatus::sent;
  if (word == "deferred") return LogStatus::deferred;
  if (word == "bounced") return LogStatus::bounced;
  // With soft_bounce a refusal is logged so: the message stays in the queue.
  if (word == "SOFTBOUNCE") return LogStatus::deferred;
  return std::nullopt;
}

std::optional<LogEvent> rejected(const Split& split) {
  const auto recipient = between(split.message, " to=<", ">");
  if (recipient.empty()) return std::nullopt;
  LogEvent event;
  event.status = LogStatus::rejected;
  event.program = split.program;
  event.recipient = lower_case(recipient);
  event.reply = between(split.message, "]: ", "; from=").substr(0, kReplyLimit);
  return event;
}

}  // namespace

std::optional<LogEvent> parse_log_line(std::string_view line) {
  const auto split = split_tag(line);
  if (!split) return std::nullopt;
  if (split->message.starts_with("NOQUEUE: reject: RCPT ")) return rejected(*split);
  const auto colon = split->message.find(": to=<");
  if (colon == split->message.npos) return std::nullopt;
  const auto status = status_from(between(split->message, ", status=", " "));
  if (!status) return std::nullopt;
  LogEvent event;
  event.status = *status;
  event.program = split->program;
  event.queue_id = split->message.substr(0, colon);
  event.recipient = lower_case(between(split->message, ": to=<", ">"));
  event.relay = between(split->message, ", relay=", ", ");
  event.dsn = between(split->message, ", dsn=", ", ");
  const auto open = split->message.find(" (", split->message.find(", status="));
  if (open != split->message.npos && split->message.ends_with(')')) {
    event.reply = split->message.substr(open + 2, kReplyLimit);
    if (event.reply.ends_with(')')) event.reply.pop_back();
  }
  return event;
}

}  // namespace mxswitch::orchestrator
