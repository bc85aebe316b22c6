// Which DMARC policy receivers apply to mail from a domain (RFC 7489 section 6.6.3): its own
// record's, else its organisation's. Pure: judges what was answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/mail/dmarc.h"

namespace mxswitch::probes {

// What was answered about TXT at _dmarc of `domain`.
struct DmarcAnswer {
  std::string domain;
  std::vector<std::string> texts;
  std::string error;  // no answer came; empty: one did
};

// True: no record there is one of DMARC's, so receivers ask about the organisation's domain.
bool leads_to_parent(const DmarcAnswer& own);

struct DmarcPolicy {
  enum class State { found, none, ignored, unknown } state = State::none;
  std::optional<DmarcRecord> record;  // found
  std::string policy;                 // found: "none", "quarantine", "reject"
  std::string text;  // found: "p=reject", "sp=none of shop.example"; else why there is none
  // What is wrong with the record, and what to do: of `ignored`, and of one that is half read.
  std::string warning;

  bool in_force() const { return state == State::found && policy != "none"; }
};

// `asked`: the domain itself first, then its organisation's, if it is another one and was asked.
DmarcPolicy dmarc_policy(const std::vector<DmarcAnswer>& asked);

}  // namespace mxswitch::probes
