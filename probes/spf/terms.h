// Terms of a record compared as text: equal where RFC 7208 section 4.6.1 gives them one meaning.
// What they evaluate to is evaluate.h's business. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/spf/record.h"

namespace mxswitch::probes::spf {

// In lower case but for the letters of macros: "%{L}" is not "%{l}" (section 7.3).
std::string lowered_term(std::string_view term);

// Lowered, without the default qualifier "+" and the final dot of a name.
std::string plain_term(std::string_view term);

bool same_term(std::string_view a, std::string_view b);
bool has_term(const std::vector<std::string>& terms, std::string_view term);

// Of the record itself, not behind an include. False where `record` is no SPF record; a syntax
// error in another term does not matter.
bool record_has_term(std::string_view record, std::string_view term);

// One mechanism alone, as a plan or a command requires it. Fails with `malformed` for anything
// else, "all" and modifiers too, and for a qualifier other than "+": such a term takes no effect.
Result<Directive> parse_mechanism(std::string_view term);

}  // namespace mxswitch::probes::spf
