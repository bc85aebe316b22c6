// What the switchover asks of the world beside the relay and the watched records: addresses, a
// few records, SMTP dialogues and the probe mailbox. A seam, so that tests need no network.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

class Outside {
 public:
  virtual ~Outside() = default;
  // Each asks the authorities by a walk from the root; an empty list is an answer.
  virtual asio::awaitable<Result<std::vector<std::string>>> addresses(std::string host) = 0;
  // What `host` is a CNAME to; none: it is no alias.
  virtual asio::awaitable<Result<std::optional<std::string>>> alias_of(std::string host) = 0;
  // The hosts that take mail for `domain`: those of its MX records, or the domain itself where
  // it has none (RFC 5321 5.1); empty for a null MX (RFC 7505).
  virtual asio::awaitable<Result<std::vector<std::string>>> mail_hosts(std::string domain) = 0;
  virtual asio::awaitable<Result<std::vector<std::string>>> txt(std::string name) = 0;
  virtual asio::awaitable<Result<bool>> has_tlsa(std::string name) = 0;
  // The body of the MTA-STS policy of `domain`, over HTTPS as a sender fetches it (RFC 8461 3.3).
  virtual asio::awaitable<Result<std::string>> mta_sts_policy(std::string domain) = 0;

  // Sends one small message to a probe address through the SMTP server at `server` (an address
  // with an optional port). The error holds the server's reply.
  virtual asio::awaitable<Result<void>> send_probe(std::string server, std::string recipient) = 0;
  // The SIZE that the server at `server` announces (RFC 1870); none: no limit is told.
  virtual asio::awaitable<Result<std::optional<std::int64_t>>> size_limit(std::string server) = 0;
  // Whether the probe mailbox of a relay holds a message to this address, read by IMAP.
  virtual asio::awaitable<Result<bool>> in_mailbox(std::string relay, std::string recipient) = 0;
};

}  // namespace mxswitch::orchestrator
