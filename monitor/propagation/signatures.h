// What is wrong with one server's signature over the set that it serves (PROPAGATION.md 2 A): each
// server signs, or gets signatures, by itself, so one of them may be forgotten. Pure.
#pragma once

#include <optional>
#include <string>

#include "monitor/propagation/observation.h"

namespace mxswitch::monitor {

inline constexpr const char* kSignature = "authority-signature";

// "with a signature that expired at ...: validating resolvers refuse it"; empty: nothing.
// `is_missing`: other servers of the zone give signatures, and this one has none.
std::string signature_fault(const std::optional<SignatureSpan>& signature, bool is_missing,
                            Time now);

}  // namespace mxswitch::monitor
