// Lines of Postfix's log that say what became of a message: only they prove a delivery. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxswitch::orchestrator {

enum class LogStatus { sent, deferred, bounced, rejected };

struct LogEvent {
  LogStatus status = LogStatus::sent;
  std::string program;    // smtp, lmtp, discard, error, smtpd
  std::string queue_id;   // empty for a rejected RCPT
  std::string recipient;  // lower case
  std::string relay;      // "mail.shop.example[192.0.2.7]:25", "none"; empty for a rejected RCPT
  std::string dsn, reply;
};

// Nothing for a line that tells of none of this.
std::optional<LogEvent> parse_log_line(std::string_view line);

}  // namespace mxswitch::orchestrator
