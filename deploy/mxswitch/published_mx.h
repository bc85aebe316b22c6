// Where a domain's mail goes now, as its authorities say, for a plan that is being written.
#pragma once

#include <optional>

#include "deploy/mxswitch/dns_options.h"
#include "monitor/watch/ask.h"

namespace mxswitch {

struct PublishedMx {
  std::optional<monitor::AuthoritySample> answer;  // none where no authority answers
  std::optional<probes::DnsName> alias_of;         // the name at which the MX of an alias stands
  bool has_address = false;  // without an MX mail goes to the domain's own address (RFC 5321 5.1)

  bool known() const { return answer.has_value() && !answer->set.empty(); }
  bool is_null() const;  // "no mail, please" (RFC 7505)
  probes::MxSet set() const { return known() ? answer->set : probes::MxSet(); }
};

// Fails for a domain that does not exist. Blocks.
Result<PublishedMx> find_mx(const probes::DnsName& domain, const DnsSetup& setup);

}  // namespace mxswitch
