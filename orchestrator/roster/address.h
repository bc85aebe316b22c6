// Names as the roster compares them: local parts and addresses of RFC 5321, in one form. Pure.
#pragma once

#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

// Lower case; a dot-atom (RFC 5322 3.2.3) of at most 64 octets. Fails with `usage`. The text of
// the error never repeats the name: in a bad line it may hold a password.
Result<std::string> normalise_local_part(std::string_view text);

// "Dan@Yahoo.COM" -> "Dan@yahoo.com": what the case of an outside local part means is for its
// own server to say (RFC 5321 2.4).
Result<std::string> normalise_address(std::string_view text);

// What stands to the right of an alias: a local name ("mary", also written "mary@" + domain), or
// an outside address. Pipes, files and includes are refused by name.
Result<std::string> normalise_target(std::string_view text, std::string_view domain);

// A target that is no local name.
inline bool is_outside(std::string_view target) { return target.find('@') != target.npos; }

// Nothing but the characters of a dot-atom, wherever its dots stand.
bool is_name_text(std::string_view text);

std::string lower_case(std::string_view text);  // ASCII

}  // namespace mxswitch::orchestrator
