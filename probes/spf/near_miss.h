// A TXT record that was meant as SPF and is none: RFC 7208 section 4.5 takes "v=spf1" and a space,
// at the very beginning, and nothing else. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxswitch::probes::spf {

// Why this text is no SPF record, as a sentence that says what to mend; none for a record, and for
// a text that was never meant as one.
std::optional<std::string> near_miss(std::string_view text);

}  // namespace mxswitch::probes::spf
