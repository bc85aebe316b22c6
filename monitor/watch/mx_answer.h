// What an answer says about an MX, whoever gave it and by whichever way. Pure.
#pragma once

#include "monitor/propagation/observation.h"
#include "probes/dns/wire.h"

namespace mxswitch::monitor {

// May the server say so? An authority by AA; a resolver that neither recurses nor holds the zone
// knows nothing of a name that it has no records for: its NOERROR or NXDOMAIN is no answer about it
// (an empty one, a referral upwards).
bool speaks(const probes::Answer& answer, bool from_authority);

// `has_records`: of the type asked for. An error of the transport is silence or garbage.
Outcome outcome_of(const Result<probes::Answer>& answer, bool has_records);
// The same of a resolver: refused where it does not speak for the name.
Outcome resolver_outcome_of(const Result<probes::Answer>& answer, bool has_records);

// Why there is no conclusive answer, see Outcome; empty where there is one.
std::string failure_of(const Result<probes::Answer>& answer, Outcome outcome);

struct MxAnswer {
  MxSet set;
  std::uint32_t ttl = 0;
  bool through_cname = false;
};

// The set at the end of the chain; its TTL is the least of all links, since that is how long the
// whole answer can be used.
MxAnswer read_mx(const probes::Answer& answer, const probes::Question& question);

bool marks_stale(const probes::Answer& answer);  // EDE 3 or 19 (RFC 8914)

}  // namespace mxswitch::monitor
