// An answer of an authoritative server, as the cores of a watch take it.
#pragma once

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

// None: it does not answer. An empty set: there is no MX.
inline AuthoritySample served(const AuthorityAddress& by, const DnsName& owner, Time at,
                              const std::optional<MxSet>& set, std::uint32_t ttl) {
  AuthoritySample sample;
  sample.owner = owner;
  sample.server = by.server;
  sample.endpoint = by.endpoint;
  sample.sent_at = sample.received_at = at;
  if (!set) return sample;
  sample.outcome = set->empty() ? Outcome::no_data : Outcome::answered;
  sample.authoritative = true;
  sample.set = *set;
  sample.ttl = ttl;
  return sample;
}

}  // namespace mxswitch::monitor
