#include "probes/mail/dmarc_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mxswitch::probes {
namespace {

using State = DmarcPolicy::State;

std::vector<std::string> records_of(const DmarcAnswer& answer) {
  std::vector<std::string> records;
  std::copy_if(answer.texts.begin(), answer.texts.end(), std::back_inserter(records), is_dmarc);
  return records;
}

DmarcPolicy ignored(const std::string& domain, const std::string& fault, const std::string& mend) {
  DmarcPolicy made;
  made.state = State::ignored;
  made.text = fmt::format("receivers apply no policy: {} at _dmarc.{}", fault, domain);
  made.warning =
      fmt::format("_dmarc.{}: {}, so receivers apply no policy: {}", domain, fault, mend);
  return made;
}

// The one record of `domain`; `inherited`: it speaks for a domain below.
DmarcPolicy policy_of(const std::string& domain, const std::string& text, bool inherited) {
  const auto record = parse_dmarc(text);
  if (!record)
    return ignored(domain, fmt::format("the DMARC record can't be read ({})", record.error().what),
                   "mend it, \"v=DMARC1; p=none\" is the least");
  DmarcPolicy made;
  made.state = State::found;
  made.record = *record;
  const bool by_sp = inherited && !record->subdomain_policy.empty();
  made.policy = by_sp ? record->subdomain_policy : record->policy;
  made.text = fmt::format("{}={}", by_sp ? "sp" : "p", made.policy);
  if (inherited) made.text += " of " + domain;
  if (record->assumed_none)
    made.warning = fmt::format(
        "_dmarc.{}: p is no policy, so receivers read p=none: write none, quarantine or reject",
        domain);
  else if (!record->passed_over.empty())
    made.warning =
        fmt::format("_dmarc.{}: {}; receivers pass over that and apply the policy: mend the record",
                    domain, fmt::join(record->passed_over, ", "));
  return made;
}

}  // namespace

bool leads_to_parent(const DmarcAnswer& own) {
  return own.error.empty() && records_of(own).empty();
}

DmarcPolicy dmarc_policy(const std::vector<DmarcAnswer>& asked) {
  DmarcPolicy made;
  std::string names;
  for (const DmarcAnswer& answer : asked) {
    if (!answer.error.empty()) {
      made.state = State::unknown;
      made.text = fmt::format("_dmarc.{}: {}", answer.domain, answer.error);
      return made;
    }
    const std::vector<std::string> records = records_of(answer);
    if (records.size() > 1)
      return ignored(answer.domain, fmt::format("{} DMARC records stand there", records.size()),
                     "leave one");
    if (records.size() == 1)
      return policy_of(answer.domain, records.front(), &answer != &asked.front());
    names += fmt::format("{}_dmarc.{}", names.empty() ? "" : " or ", answer.domain);
  }
  made.text = "no policy at " + names;
  return made;
}

}  // namespace mxswitch::probes
