#include "probes/smtp/smtp_dialogue.h"

#include <fmt/format.h>

#include <charconv>

namespace mxswitch::probes {
namespace {

bool is_refused_command(const SmtpReply& reply) {
  return reply.code == 500 || reply.code == 501 || reply.code == 502 || reply.code == 504 ||
         reply.code == 550;
}

// One line of a command: nothing in it may end the line or the address.
bool is_safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7f || c == '<' || c == '>';
  });
}

constexpr std::size_t kLongestPath = 256;  // RFC 5321 section 4.5.3.1.3

}  // namespace

std::string dot_stuffed(std::string_view message) {
  std::string result;
  result.reserve(message.size() + 64);
  bool line_begins = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c == '\r' && i + 1 < message.size() && message[i + 1] == '\n') continue;
    // A bare CR ends a line for some servers: what follows must not become a command.
    const bool ends = c == '\n' || c == '\r';
    if (line_begins && c == '.') result += '.';
    if (ends) {
      result += "\r\n";
    } else {
      result += c;
    }
    line_begins = ends;
  }
  if (!line_begins) result += "\r\n";
  return result + ".\r\n";
}

Result<void> check_smtp_request(const SmtpRequest& request) {
  const auto refuse = [&](std::string what) {
    return fail(Fault::usage, std::move(what), request.address);
  };
  if (request.port < 1 || request.port > 65535) return refuse("bad port");
  if (request.helo.empty() || request.helo.size() > 255 || !is_safe(request.helo)) {
    return refuse("bad HELO name");
  }
  if (request.mail_from.size() > kLongestPath || !is_safe(request.mail_from)) {
    return refuse("bad sender address");
  }
  for (const std::string& recipient : request.recipients) {
    if (recipient.empty() || recipient.size() > kLongestPath || !is_safe(recipient)) {
      return refuse("bad recipient address");
    }
  }
  return {};
}

SmtpDialogue::SmtpDialogue(SmtpRequest request) : request_(std::move(request)) {
  for (const std::string& recipient : request_.recipients) {
    outcome_.recipients.push_back({recipient, 0, {}, {}});
  }
}

std::string SmtpDialogue::receive(std::string_view bytes) {
  parser_.feed(bytes);
  std::string send;
  while (!is_done()) {
    auto reply = parser_.next();
    if (!reply) {
      broke(reply.error());
      break;
    }
    if (!reply->has_value()) break;
    send += handle(**reply);
  }
  return send;
}

void SmtpDialogue::broke(Error error) {
  // After RSET or QUIT all that was asked for is known already.
  if (state_ != State::reset && state_ != State::quit && state_ != State::done) {
    error.where = request_.address;
    if (state_ == State::body) {
      error.fault = Fault::timed_out;
      error.mend = "it is unknown whether the message was accepted";
    }
    outcome_.error = std::move(error);
  }
  state_ = State::done;
}

std::string SmtpDialogue::handle(const SmtpReply& reply) {
  // 421: the server ends the session, whatever was asked (RFC 5321 section 3.8).
  const bool answered = state_ == State::quit || state_ == State::reset;
  if (reply.code == 421 && !answered && state_ != State::body) {
    if (state_ == State::recipient) note_recipient(reply);
    return give_up(reply, "the server ends the session");
  }
  switch (state_) {
    case State::greeting:
      return on_greeting(reply);
    case State::ehlo:
    case State::helo:
      return on_hello(reply);
    case State::sender:
      return on_sender(reply);
    case State::recipient:
      return on_recipient(reply);
    case State::data:
      return on_data(reply);
    case State::body:
      outcome_.data = reply;
      return quit();
    case State::reset:
      return quit();  // whatever the answer, no message was begun
    case State::quit:
    case State::done:
      break;
  }
  state_ = State::done;
  return {};
}

std::string SmtpDialogue::on_greeting(const SmtpReply& reply) {
  outcome_.greeting = reply.text();
  if (reply.code != 220) return give_up(reply, "the greeting refuses us");
  state_ = State::ehlo;
  return "EHLO " + request_.helo + "\r\n";
}

std::string SmtpDialogue::on_hello(const SmtpReply& reply) {
  if (state_ == State::ehlo && is_refused_command(reply)) {
    state_ = State::helo;  // RFC 5321 section 3.2
    return "HELO " + request_.helo + "\r\n";
  }
  if (!reply.is_positive()) return give_up(reply, "our HELO name is refused");
  if (state_ == State::ehlo) {
    outcome_.extended = true;
    note_size(reply);
  }
  if (request_.recipients.empty()) return quit();
  state_ = State::sender;
  return "MAIL FROM:<" + request_.mail_from + ">\r\n";
}

void SmtpDialogue::note_size(const SmtpReply& reply) {
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    const std::string& line = reply.lines[i];
    const auto keyword = std::string_view(line).substr(0, 4);
    const bool is_size = std::equal(keyword.begin(), keyword.end(), "SIZE",
                                    [](char a, char b) { return (a & ~0x20) == b; });
    if (keyword.size() != 4 || !is_size || (line.size() > 4 && line[4] != ' ')) continue;
    outcome_.has_size = true;
    if (line.size() < 6) continue;
    std::uint64_t limit = 0;
    const auto [end, code] = std::from_chars(line.data() + 5, line.data() + line.size(), limit);
    if (code == std::errc() && end == line.data() + line.size()) outcome_.size_limit = limit;
  }
}

std::string SmtpDialogue::on_sender(const SmtpReply& reply) {
  outcome_.sender = reply;
  if (!reply.is_positive()) return give_up(reply, "the sender is refused");
  state_ = State::recipient;
  return name_recipient();
}

std::string SmtpDialogue::name_recipient() {
  return "RCPT TO:<" + request_.recipients[next_recipient_] + ">\r\n";
}

void SmtpDialogue::note_recipient(const SmtpReply& reply) {
  RecipientOutcome& recipient = outcome_.recipients[next_recipient_++];
  recipient.code = reply.code;
  recipient.enhanced = reply.enhanced;
  recipient.text = reply.text();
  any_recipient_ = any_recipient_ || reply.is_positive();
}

std::string SmtpDialogue::on_recipient(const SmtpReply& reply) {
  note_recipient(reply);
  if (next_recipient_ < request_.recipients.size()) return name_recipient();
  if (!request_.message && request_.reset) {
    state_ = State::reset;
    return "RSET\r\n";
  }
  if (!request_.message || !any_recipient_) return quit();
  state_ = State::data;
  return "DATA\r\n";
}

std::string SmtpDialogue::on_data(const SmtpReply& reply) {
  if (reply.code != 354) {
    outcome_.data = reply;
    return quit();
  }
  state_ = State::body;
  return dot_stuffed(*request_.message);
}

std::string SmtpDialogue::quit() {
  state_ = State::quit;
  return "QUIT\r\n";
}

std::string SmtpDialogue::give_up(const SmtpReply& reply, const std::string& what) {
  outcome_.error = Error{reply.code >= 500 ? Fault::forbidden : Fault::unavailable,
                         fmt::format("{}: {} {}", what, reply.code, reply.text()),
                         request_.address,
                         {}};
  return quit();
}

}  // namespace mxswitch::probes
