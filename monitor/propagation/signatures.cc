#include "monitor/propagation/signatures.h"

#include <fmt/format.h>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {

std::string signature_fault(const std::optional<SignatureSpan>& signature, bool is_missing,
                            Time now) {
  constexpr const char* kRefused = "validating resolvers refuse it";
  if (is_missing)
    return fmt::format("without the signature that other servers of the zone give: {}", kRefused);
  if (!signature || signature->holds_at(now)) return "";
  if (now > signature->expiration)
    return fmt::format("with a signature that expired at {}: {}",
                       format_moment(signature->expiration, now), kRefused);
  return fmt::format("with a signature that is valid only from {}: {}",
                     format_moment(signature->inception, now), kRefused);
}

}  // namespace mxswitch::monitor
