// What Dovecot is told of an account: its home for delivery, its password for a login. While the
// password must be changed imap hears why, and smtp and submission hear that there is no such
// user: Dovecot's `nologin` would stop imap alone. Pure; no hash ever reaches a log.
#pragma once

#include <string>

#include "orchestrator/relay_agent/dict_protocol.h"
#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

struct MailStore {
  std::string root;        // homes are ROOT/DOMAIN/NAME
  std::string probe_user;  // the hidden mailbox; probes are delivered there
};

// A line of the dict protocol.
std::string answer_account(const AccountKey& key, const RelayState& state, const MailStore& store,
                           Time now);

}  // namespace mxswitch::orchestrator
