// Whether mail of the plan's domains that leaves from the new side would pass DMARC (RFC 7489
// section 6.6.2): an aligned signature or an aligned MAIL FROM that passes SPF. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "orchestrator/gates/facts.h"

namespace mxswitch::orchestrator {

struct DmarcWeighed {
  std::string text;  // of the domain itself, one clause
  std::vector<std::string> warnings, unknowns;
  bool asks_operator = false;  // one of the unknowns is for a person, not for another look
  nlohmann::json evidence = nlohmann::json::array();  // one of each owner
};

// What the plan knows of identifiers: signatures have d= the plan's domain, and MAIL FROM is of the
// domain that stands in From. `spf`: of the owners in the order of `facts.dmarc`.
DmarcWeighed weigh_dmarc(const OutboundFacts& facts, const std::vector<SpfFacts>& spf,
                         const GatePlan& plan);

}  // namespace mxswitch::orchestrator
