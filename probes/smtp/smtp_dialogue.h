// One SMTP session as a client (RFC 5321): says hello, names a sender and recipients, may send a
// message, quits. `SmtpDialogue` is pure; `run_smtp` carries it over TCP. Knows no DNS.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/smtp/smtp_reply.h"

namespace mxswitch::probes {

struct SmtpRequest {
  std::string address;  // IPv4 or IPv6 as text; names are not resolved here
  int port = 25;
  std::string helo;       // our name
  std::string mail_from;  // empty: the null sender <>
  std::vector<std::string> recipients;
  std::optional<std::string> message;  // RFC 5322; LF or CRLF; unset: no DATA, nothing is sent
  bool reset = false;                  // without a message: RSET after RCPT, before QUIT
  Duration deadline = seconds(30);     // for the whole session
};

struct RecipientOutcome {
  std::string recipient;
  int code = 0;  // 0: not answered
  std::string enhanced;
  std::string text;
};

struct SmtpOutcome {
  bool connected = false;
  std::string greeting;                      // text of the 220
  bool extended = false;                     // EHLO was taken
  bool has_size = false;                     // SIZE was offered (RFC 1870)
  std::uint64_t size_limit = 0;              // bytes; 0: none stated
  SmtpReply sender;                          // to MAIL FROM; code 0: not answered
  std::vector<RecipientOutcome> recipients;  // in the order of the request
  SmtpReply data;                            // to the end of the message, or to a refused DATA
  // Where the session broke off. A refused recipient is no error; a refused greeting, hello or
  // sender is `unavailable` (4xx) or `forbidden` (5xx). `timed_out` or a break after the message
  // went out: it may have been accepted.
  std::optional<Error> error;

  bool accepted() const { return data.is_positive(); }  // the message, for at least one recipient
};

// The state machine. Feed it what arrives, send what it wants sent, until it is done.
class SmtpDialogue {
 public:
  explicit SmtpDialogue(SmtpRequest request);

  // Bytes of the server; returns what to send now (may be empty).
  std::string receive(std::string_view bytes);
  // The connection broke or the time is over.
  void broke(Error error);
  bool is_done() const { return state_ == State::done; }
  SmtpOutcome& outcome() { return outcome_; }

 private:
  enum class State { greeting, ehlo, helo, sender, recipient, reset, data, body, quit, done };

  std::string handle(const SmtpReply& reply);
  std::string on_greeting(const SmtpReply& reply);
  std::string on_hello(const SmtpReply& reply);
  std::string on_sender(const SmtpReply& reply);
  std::string on_recipient(const SmtpReply& reply);
  std::string on_data(const SmtpReply& reply);
  void note_recipient(const SmtpReply& reply);
  std::string name_recipient();
  std::string quit();
  std::string give_up(const SmtpReply& reply, const std::string& what);
  void note_size(const SmtpReply& reply);

  SmtpRequest request_;
  SmtpReplyParser parser_;
  SmtpOutcome outcome_;
  State state_ = State::greeting;
  std::size_t next_recipient_ = 0;
  bool any_recipient_ = false;
};

// The message as DATA carries it: CRLF ends lines, leading dots doubled, "." at the end
// (RFC 5321 section 4.5.2).
std::string dot_stuffed(std::string_view message);

// Refuses what would break out of a command line, and an address that is not one.
Result<void> check_smtp_request(const SmtpRequest& request);

// Connects and runs the dialogue; never throws, ends by the deadline. The executor is the loop's.
asio::awaitable<SmtpOutcome> run_smtp(asio::any_io_executor executor, SmtpRequest request);

}  // namespace mxswitch::probes
