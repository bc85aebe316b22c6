// Looks into one mailbox by IMAP (RFC 9051), by libcurl: is the probe there that was sent?
#pragma once

#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::probes {

struct ImapMailbox {
  std::string server;  // host:port
  std::string user, password;
  bool starttls = true;  // required unless the server is on loopback or this is false
};

// Whether INBOX holds a message with this text in the header field. Blocks for `timeout` at the
// most: run it on Offload. `field` and `text` must be printable ASCII without quotes.
Result<bool> imap_has_message(const ImapMailbox& mailbox, const std::string& field,
                              const std::string& text, Duration timeout);

}  // namespace mxswitch::probes
