// Where a TXT record's strings meet: they are joined without a space (RFC 7208 section 3.3), so a
// space that was forgotten makes one term of two. Pure.
#pragma once

#include <string>
#include <vector>

#include "probes/dns/rrset.h"

namespace mxswitch::probes::spf {

struct Glued {
  std::string left, right;  // that would each be a term, or the version and a term
};

// In order; also where the whole is no valid record any more.
std::vector<Glued> glued_terms(const Txt& text);

// Its first string is an SPF record, and joined it is none: "v=spf1" "mx -all".
bool lost_its_version(const Txt& text);

}  // namespace mxswitch::probes::spf
