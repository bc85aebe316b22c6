// Password hashes as Dovecot reads them. Blocking and slow by intent: run on Offload.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/roster/files.h"
#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

// "{ARGON2ID}$argon2id$..." with a fresh salt (RFC 9106): 19 MiB, two passes, one lane. Fails
// with `unavailable` when memory is short.
Result<std::string> hash_password(std::string_view password);

// Reads {ARGON2ID}, {BLF-CRYPT}, {SHA512-CRYPT} and {SHA256-CRYPT}; any other scheme, and cost
// parameters that would take more than 256 MiB, are false.
bool verify_password(std::string_view hash, std::string_view password);

// Whether a hash from outside may be stored: a scheme that verify_password reads, one line.
bool is_known_hash(std::string_view hash);

// What goes to the relay: passwords hashed on `threads` threads. An account without one gets the
// default password, which must be changed and opens nothing after `default_expires_at`; accounts
// of one load share the hash of their common password.
Result<RosterWrite> make_roster_write(const RosterFiles& files, std::string_view default_password,
                                      Time default_expires_at, unsigned threads);

}  // namespace mxswitch::orchestrator
