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
  bool assumed_none = false;  // p was no policy, rua was there: p=none (section 6.6.3)
  // What is wrong with the rest; receivers pass over it and apply the policy all the same.
  std::vector<std::string> passed_over;
};

// Of TXT strings at _dmarc, those that begin with a DMARC1 version.
bool is_dmarc(std::string_view text);

// Reads as receivers do: a tag that is broken is passed over, never the policy beside it. Where
// they differ (a policy that stands twice, an sp that is none) the stricter reading holds: mail
// that some of them would reject is none to rely on. Fails with `malformed`: a record that all of
// them ignore, and why.
Result<DmarcRecord> parse_dmarc(std::string_view text);

}  // namespace mxswitch::probes
