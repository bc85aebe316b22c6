// A page of the list of domains, as GET /v1/domains gives it.
#pragma once

#include <string_view>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

Result<std::vector<RelayDomain>> parse_domain_page(std::string_view json_text);

}  // namespace mxswitch::orchestrator
