// The dates of DNSSEC signatures (RFC 4034 section 3). That they verify is not looked at here: a
// validating resolver does that.
#pragma once

#include <optional>

#include "probes/base/clock.h"
#include "probes/dns/wire.h"

namespace mxswitch::probes {

// From inception to expiration, both included.
struct SignatureSpan {
  Time inception{}, expiration{};
  bool holds_at(Time time) const { return inception <= time && time <= expiration; }
  bool operator==(const SignatureSpan&) const = default;
};

// Of the signatures over an RRset in the answer section, the one that holds at `now` and does so
// the longest; where none holds, the one that ends last. One is enough for a validator (RFC 4035
// section 5.3.3). None: the RRset is not signed there.
std::optional<SignatureSpan> signature_over(const Answer& answer, const Question& question,
                                            Time now);

}  // namespace mxswitch::probes
