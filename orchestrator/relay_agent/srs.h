// The Sender Rewriting Scheme: mail that an alias passes on to the outside gets an envelope sender
// of ours, or the target's server refuses it by the first sender's SPF (RFC 7208 section 10.2).
// What bounces to such a sender is led back. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

class SenderRewriting {
 public:
  // `domain` is where bounces come back to this relay; empty: nothing is rewritten. All nodes
  // share `secret`, so each can lead back what another rewrote.
  SenderRewriting(std::string domain, std::string secret);

  const std::string& domain() const { return domain_; }

  // "ann@outside.example" -> "srs0=HASH=DAY=outside.example=ann@DOMAIN"; a sender that another
  // forwarder has rewritten becomes "srs1=...". Nothing for what can't be rewritten safely.
  std::optional<std::string> rewrite(std::string_view local_part, std::string_view domain,
                                     Time now) const;

  // The address that a local part at our domain stands for. Nothing for a wrong hash, or one
  // older than 21 days: so nobody can use us as a relay.
  std::optional<std::string> restore(std::string_view local_part, Time now) const;

 private:
  std::string hash(std::string_view text) const;

  std::string domain_, secret_;
};

}  // namespace mxswitch::orchestrator
