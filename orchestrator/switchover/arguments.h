// What a command brought along: its arguments by name, and refusals of bad ones.
#pragma once

#include <optional>
#include <string>

#include "orchestrator/machine/machine.h"
#include "orchestrator/switchover/command.h"

namespace mxswitch::orchestrator {

std::string text(const Command& command, const char* key);  // empty: none, or no string
bool flag(const Command& command, const char* key);

// The end of `override` and `waive`: a time (`until`, `expires_at`), or how long from now
// (`expires`). None: neither was given.
Result<std::optional<Time>> end_of(const Command& command, Time now);

// A reason goes to the relay and into alerts as it stands: `usage` for one that is longer than the
// relay's contract takes, or that holds line breaks or other control characters.
inline constexpr std::size_t kReasonCharacters = 500;
Result<void> check_reason(const Command& command);

Refusal usage(const std::string& domain, std::string what, std::string mend = {});

}  // namespace mxswitch::orchestrator
