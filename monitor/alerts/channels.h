// The ways by which an alert leaves: HTTP POST of JSON to a webhook, and mail by SMTP through a
// submission host that does not depend on the domain being moved.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <string>

#include "monitor/alerts/outbox.h"
#include "probes/base/http_client.h"

namespace mxswitch::monitor {

struct ChannelOptions {
  std::string smtp_address;  // IP address; empty: mail can't be sent, and says so
  std::uint16_t smtp_port = 25;
  std::string from = "mxswitch@localhost";
  std::string helo = "localhost";
  Duration timeout = seconds(20);
};

enum class TargetKind { mail, webhook };
// Fails with `usage` and says how an address is written.
Result<TargetKind> kind_of_target(const std::string& target);

// A message as it leaves (RFC 5322, UTF-8, auto-generated per RFC 3834). Header fields never
// take a line break from a value.
std::string compose_mail(const std::string& from, const std::string& to, const Alert& alert,
                         const std::string& message_id);
std::string compose_webhook(const Alert& alert);

// How much is shown without a message: a mail server took RCPT, or a webhook's host was connected
// to (TLS too), which proves no delivery.
enum class Proof { proved, reached };

class Channels {
 public:
  // `http` must outlive this.
  Channels(asio::any_io_executor loop, HttpClient& http, ChannelOptions options)
      : loop_(std::move(loop)), http_(http), options_(std::move(options)) {}

  // The receiver took the alert: a 2xx of the webhook, 250 after DATA of the mail server.
  asio::awaitable<Result<void>> deliver(std::string target, Alert alert);
  // Would it take one? Asked without a message, so that nobody's mailbox fills.
  asio::awaitable<Result<Proof>> prove(std::string target);

 private:
  asio::awaitable<Result<void>> post(std::string url, std::string body);
  asio::awaitable<Result<void>> connect(std::string url);
  asio::awaitable<Result<void>> mail(std::string to, std::optional<std::string> message);

  asio::any_io_executor loop_;
  HttpClient& http_;
  ChannelOptions options_;
};

}  // namespace mxswitch::monitor
