#include "orchestrator/relay_agent/log_line.h"

#include <algorithm>
#include <array>

#include "orchestrator/relay_agent/log_cursor.h"
#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kReplyLimit = 300;
constexpr std::size_t kLongestLine = 16u << 10;
// The services of master.cf that deliver, by what their processes are called in the log; qmgr
// speaks for them when a next hop is known to be dead.
constexpr std::array<std::string_view, 9> kDelivers = {
    "smtp", "lmtp", "soak-smtp", "soak-lmtp", "reinject", "srs", "discard", "error", "qmgr"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// "postfix-mx1/smtp[155]: ", "postfix/soak-smtp/smtp[155]: ": the program is the last name.
std::string_view take_program(LogCursor& line) {
  if (!line.run(is_of_name).starts_with("postfix")) return {};
  std::string_view program;
  while (line.literal("/")) {
    program = line.run(is_of_name);
    if (program.empty()) return {};
  }
  const bool ends = line.literal("[") && !line.digits().empty() && line.literal("]: ");
  return ends ? program : std::string_view();
}

std::optional<LogStatus> status_from(std::string_view word) {
  if (word == "sent") return LogStatus::sent;
  if (word == "deferred") return LogStatus::deferred;
  if (word == "bounced") return LogStatus::bounced;
  // With soft_bounce a refusal is logged so: the message stays in the queue.
  if (word == "SOFTBOUNCE") return LogStatus::deferred;
  return std::nullopt;
}

// A value of Postfix's own: no comma and no blank in it.
std::string_view take_word(LogCursor& line) {
  return line.run([](char c) { return c != ' ' && c != ',' && !is_control(c); });
}

// What the program gives as its reason, in brackets to the end of the line. Everything in it may
// be a stranger's; a line that was cut lacks the last bracket.
std::string reason_of(std::string_view text) {
  if (text.ends_with(')')) text.remove_suffix(1);
  std::string reason(text.substr(0, kReplyLimit));
  std::ranges::replace_if(reason, is_control, '?');
  return reason;
}

// "to=<joe@shop.example>, relay=..., delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (...)"
std::optional<LogEvent> take_delivery(LogCursor& line) {
  std::string_view recipient, other;
  if (!line.literal("to=") || !line.address(recipient)) return std::nullopt;
  if (line.literal(", orig_to=") && !line.address(other)) return std::nullopt;
  LogEvent event;
  event.recipient = lower_case(recipient);
  if (!line.literal(", relay=")) return std::nullopt;
  event.relay = take_word(line);
  if (line.literal(", conn_use=") && line.digits().empty()) return std::nullopt;
  if (!line.literal(", delay=") || take_word(line).empty()) return std::nullopt;
  if (!line.literal(", delays=") || take_word(line).empty()) return std::nullopt;
  if (!line.literal(", dsn=")) return std::nullopt;
  event.dsn = take_word(line);
  if (!line.literal(", status=")) return std::nullopt;
  const auto status = status_from(take_word(line));
  if (!status || event.relay.empty() || event.dsn.empty()) return std::nullopt;
  if (!line.literal(" (")) return std::nullopt;
  event.status = *status;
  event.reply = reason_of(line.rest());
  return event;
}

// "from=<ann@x.example>, size=300, nrcpt=1 (queue active)"
bool is_active(LogCursor line) {
  std::string_view sender;
  return line.literal("from=") && line.address(sender) && line.literal(", size=") &&
         !line.digits().empty() && line.literal(", nrcpt=") && !line.digits().empty() &&
         line.rest() == " (queue active)";
}

// "NEW: uid=0 from=<ann@x.example> orig_id=OLD", with NEW taken already.
std::string_view original_id(LogCursor line) {
  std::string_view sender;
  if (!line.literal("uid=") || line.digits().empty()) return {};
  if (!line.literal(" from=") || !line.address(sender) || !line.literal(" orig_id=")) return {};
  const auto id = line.queue_id();
  return line.rest().empty() ? id : std::string_view();
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
  if (line.size() > kLongestLine) return std::nullopt;
  LogCursor at(line);
  const auto is_blank = [](char c) { return c == ' '; };
  const auto is_of_host = [](char c) { return c != ' ' && !is_control(c); };
  if (!at.time() || at.run(is_of_host).empty() || at.run(is_blank).size() != 1) return std::nullopt;
  const auto program = take_program(at);
  if (program.empty()) return std::nullopt;
  LogLine found;
  found.queue_id = at.queue_id();
  if (found.queue_id.empty() || !at.literal(": ")) return std::nullopt;
  if (program == "pickup") {
    found.kind = LogKind::requeued;
    found.new_id = std::exchange(found.queue_id, std::string(original_id(at)));
    return found.queue_id.empty() ? std::nullopt : std::optional(std::move(found));
  }
  if (program == "cleanup") {
    found.kind = LogKind::refused;
    return at.literal("milter-reject: ") ? std::optional(std::move(found)) : std::nullopt;
  }
  if (program == "qmgr" && (at.rest() == "removed" || is_active(at))) {
    found.kind = at.rest() == "removed" ? LogKind::removed : LogKind::active;
    return found;
  }
  if (std::ranges::find(kDelivers, program) == kDelivers.end()) return std::nullopt;
  auto delivery = take_delivery(at);
  if (!delivery) return std::nullopt;
  delivery->program = program;
  delivery->queue_id = found.queue_id;
  found.delivery = std::move(*delivery);
  return found;
}

std::optional<std::string> queued_as(std::string_view reply) {
  LogCursor at(reply);
  if (!at.literal("250 2.0.0 Ok: queued as ")) return std::nullopt;
  const std::string id(at.queue_id());
  return id.empty() || !at.rest().empty() ? std::nullopt : std::optional(id);
}

}  // namespace mxswitch::orchestrator
