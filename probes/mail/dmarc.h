// The DMARC record (RFC 7489 section 6.3). Pure; any bytes may come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::probes {

struct DmarcRecord {
  std::string policy;                            // p: "none", "quarantine", "reject"
  std::string subdomain_policy;                  // sp: likewise; empty: p holds for them too
  bool strict_dkim = false, strict_spf = false;  // adkim=s, aspf=s
  int percent = 100;
  bool assumed_none = false;  // p or sp was no policy, rua was there: p=none (section 6.6.3)
};

// Of TXT strings at _dmarc, those that begin with a DMARC1 version.
bool is_dmarc(std::string_view text);

// Fails with `malformed`: a record that receivers ignore, and why.
Result<DmarcRecord> parse_dmarc(std::string_view text);

}  // namespace mxswitch::probes
