// What an answer says about an MX, whoever gave it and by whichever way. Pure.
#pragma once

#include "monitor/propagation/observation.h"
#include "probes/dns/wire.h"

namespace mxswitch::monitor {

// `has_records`: of the type asked for. An error of the transport is silence or garbage.
Outcome outcome_of(const Result<probes::Answer>& answer, bool has_records);

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
