// The MTA-STS policy that was last seen of a domain, kept for as long as senders may hold it: it
// outlives the record that announced it (RFC 8461 section 5.1) and the daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "probes/base/clock.h"
#include "probes/mail/mta_sts.h"

namespace mxswitch::orchestrator {

struct SeenMtaSts {
  std::string record;                          // the TXT at _mta-sts
  std::optional<probes::MtaStsPolicy> policy;  // that it announced; none: it was not fetched
  // When the record was first found missing. A sender may have fetched the policy until then.
  std::optional<Time> gone_at;

  bool operator==(const SeenMtaSts&) const = default;
};

// What is known after a look at the record; none: nothing was ever published.
std::optional<SeenMtaSts> after_look(std::optional<SeenMtaSts> before,
                                     const std::optional<std::string>& record, Time now);

monitor::Migration mta_sts_migration();
void keep_mta_sts(monitor::Transaction& tx, const std::string& domain, const SeenMtaSts& seen);
std::optional<SeenMtaSts> kept_mta_sts(monitor::Transaction& tx, const std::string& domain);

}  // namespace mxswitch::orchestrator
