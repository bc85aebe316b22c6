// Reads root hints in master-file format (RFC 1035 5.1). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

// The addresses of the A and AAAA records in order, without duplicates. Fails with `usage` and
// file:line for anything but NS, A and AAAA records and $TTL, and when no address is there.
Result<std::vector<Endpoint>> parse_root_hints(std::string_view text, const std::string& file_name);

}  // namespace mxswitch::probes
