#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "monitor/alerts/channels.h"
#include "probes/base/json_text.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

// A value in a header field: without line breaks or other control characters.
std::string header_value(std::string_view value) {
  std::string clean(value);
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return clean;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// CRLF line ends (RFC 5322 2.3).
std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

bool looks_like_mailbox(std::string_view target) {
  const auto at = target.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < target.size() &&
         target.find_first_of(" \t\r\n<>,") == std::string_view::npos;
}

}  // namespace

Result<TargetKind> kind_of_target(const std::string& target) {
  if (target.starts_with("https://") || target.starts_with("http://")) return TargetKind::webhook;
  if (looks_like_mailbox(target)) return TargetKind::mail;
  return fail(Fault::usage, "not a mail address and no web address", target,
              "write ops@outside.example or https://hooks.example/x");
}

std::string compose_mail(const std::string& from, const std::string& to, const Alert& alert,
                         const std::string& message_id) {
  // A subject outside ASCII would need RFC 2047; the lines of alerts are written in ASCII, and
  // what slips through is replaced rather than sent as bytes that some server refuses.
  std::string subject = header_value(alert.line);
  if (!is_ascii(subject)) {
    std::replace_if(
        subject.begin(), subject.end(),
        [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  const auto whole = std::chrono::floor<seconds>(alert.at);
  std::string message;
  message += fmt::format("From: mxswitch <{}>\n", header_value(from));
  message += fmt::format("To: <{}>\n", header_value(to));
  message += fmt::format("Subject: {}\n", subject);
  message += fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\n", whole);
  message += fmt::format("Message-ID: <{}@mxswitch>\n", message_id);
  message += "Auto-Submitted: auto-generated\n";
  message += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
  message += "Content-Transfer-Encoding: 8bit\n\n";
  message += alert.line + "\n\n" + alert.body + "\n";
  return with_crlf(message);
}

std::string compose_webhook(const Alert& alert) {
  const nlohmann::json body = {{"domain", alert.domain},
                               {"kind", alert.kind},
                               {"line", alert.line},
                               {"body", alert.body},
                               {"at", format_time(alert.at)}};
  return json_text(body);
}

}  // namespace mxswitch::monitor
