// An RRset as one line of text that is equal where the sets are: records sorted, names in lower
// case, keys by tag and digest (a key itself would fill the page). Pure.
#pragma once

#include <string>

#include "probes/dns/wire.h"

namespace mxswitch::monitor {

struct RrsetText {
  std::string data;  // "192.0.2.1, 192.0.2.2"; empty: no such RRset
  std::uint32_t ttl = 0;
  bool aliased = false;  // a CNAME stands at the name, and another type was asked for
};

// What the answer section holds at the very name that was asked for. An alias in the place of
// another type is its text: "CNAME mx.filter.example".
RrsetText rrset_text(const probes::Answer& answer, const probes::Question& question);

}  // namespace mxswitch::monitor
