// Reads SMTP replies (RFC 5321 section 4.2) out of a stream of bytes, with bounds: a server can
// send anything. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::probes {

struct SmtpReply {
  int code = 0;                    // 200 to 599
  std::string enhanced;            // "5.1.1" (RFC 3463), or empty
  std::vector<std::string> lines;  // without codes and line ends

  bool is_positive() const { return code >= 200 && code < 300; }
  std::string text() const;  // the lines in one, printable
};

class SmtpReplyParser {
 public:
  static constexpr std::size_t kLongestLine =
      2048;  // 512 by RFC 5321 section 4.5.3.1.5; be lenient
  static constexpr std::size_t kMostLines = 128;

  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole reply; nullopt: more bytes are needed; `malformed`: this is not SMTP, give up.
  Result<std::optional<SmtpReply>> next();

 private:
  Result<bool> take_line(std::string_view line);  // true: it ends the reply

  std::string buffer_;
  SmtpReply reply_;
};

}  // namespace mxswitch::probes
