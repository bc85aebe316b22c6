// The MX that a domain's authorities serve now, for a plan that is being written.
#pragma once

#include <optional>

#include "deploy/mxswitch/dns_options.h"
#include "monitor/watch/ask.h"

namespace mxswitch {

using PublishedMx = std::optional<monitor::AuthoritySample>;

// None where no authority answers. Fails for a domain that does not exist. Blocks.
Result<PublishedMx> find_mx(const probes::DnsName& domain, const DnsSetup& setup);

}  // namespace mxswitch
