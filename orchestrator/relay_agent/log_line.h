// Lines of Postfix's log that say what became of a message: only they prove a delivery. Pure.
//
// Much of a line is written by strangers (Message-ID, HELO, addresses, what a server said), so a
// line is read from the left by its grammar and nothing is ever searched for in it. Whose message
// it tells of is for mail_trail.h to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxswitch::orchestrator {

enum class LogStatus { sent, deferred, bounced };

// What a delivery program said of one recipient.
struct LogEvent {
  LogStatus status = LogStatus::sent;
  std::string program;  // smtp, lmtp, discard, error, qmgr, ... without the service before it
  std::string queue_id;
  std::string recipient;  // lower case, as Postfix quotes it
  std::string relay;      // "mail.shop.example[192.0.2.7]:25", "none"
  std::string dsn, reply;
};

enum class LogKind {
  delivery,  // of one recipient, or the lack of it
  active,    // the queue manager has the message
  refused,   // a milter refused the whole message
  requeued,  // queue_id goes on as new_id
  removed,   // nothing is left of the message
};

struct LogLine {
  LogKind kind = LogKind::delivery;
  std::string queue_id;
  std::string new_id;   // requeued
  LogEvent delivery{};  // delivery
};

// Nothing for a line that tells of none of this. Both forms of time are read: "Nov  3 01:46:25"
// and RFC 3339.
std::optional<LogLine> parse_log_line(std::string_view line);

// The queue id of a message that the next Postfix took, from the whole of its reply.
std::optional<std::string> queued_as(std::string_view reply);

}  // namespace mxswitch::orchestrator
