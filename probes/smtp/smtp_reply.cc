#include "probes/smtp/smtp_reply.h"

namespace mxswitch::probes {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Failure no_smtp(const char* what) {
  return fail(Fault::malformed, what, {}, "is this an SMTP server?");
}

// Shown to people, so control characters and bytes that are no ASCII become '?'.
std::string printable(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return line;
}

// Length of a number of 1 to 3 digits at the start; 0 if there is none.
std::size_t number_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  return length > 3 ? 0 : length;
}

// "5.1.1" at the start of the text, if its class agrees with the code (RFC 3463 section 2).
std::string enhanced_code(int code, std::string_view text) {
  if (text.size() < 5 || text[0] != static_cast<char>('0' + code / 100)) return {};
  if (text[0] == '3' || text[1] != '.') return {};
  const std::size_t subject = number_length(text.substr(2));
  if (subject == 0 || 2 + subject >= text.size() || text[2 + subject] != '.') return {};
  const std::size_t detail = number_length(text.substr(3 + subject));
  const std::size_t end = 3 + subject + detail;
  if (detail == 0 || (end < text.size() && text[end] != ' ')) return {};
  return std::string(text.substr(0, end));
}

}  // namespace

std::string SmtpReply::text() const {
  std::string all;
  for (const std::string& line : lines) all += (all.empty() ? "" : " ") + line;
  return all;
}

Result<bool> SmtpReplyParser::take_line(std::string_view line) {
  const bool has_code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                        is_digit(line[2]);
  if (!has_code || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
    return no_smtp("the answer is not an SMTP reply");
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (!reply_.lines.empty() && code != reply_.code) {
    return no_smtp("the lines of an SMTP reply have different codes");
  }
  if (reply_.lines.size() == kMostLines) return no_smtp("an SMTP reply has too many lines");
  const std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view();
  if (reply_.lines.empty()) reply_.enhanced = enhanced_code(code, text);
  reply_.code = code;
  reply_.lines.push_back(printable(text));
  return line.size() == 3 || line[3] == ' ';
}

Result<std::optional<SmtpReply>> SmtpReplyParser::next() {
  for (;;) {
    const auto end = buffer_.find('\n');
    if (end == std::string::npos ? buffer_.size() > kLongestLine : end > kLongestLine) {
      return no_smtp("a line of an SMTP reply is too long");
    }
    if (end == std::string::npos) return std::nullopt;
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    const auto is_last = take_line(line);
    if (!is_last) return Failure(is_last.error());
    if (*is_last) return std::exchange(reply_, {});
  }
}

}  // namespace mxswitch::probes
