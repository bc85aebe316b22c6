// What a domain publishes for SPF, with all that its record leads to: fetched once, then judged by
// lint.h and merged by propose.h.
#pragma once

#include <algorithm>
#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "probes/spf/record.h"
#include "probes/spf/view.h"

namespace mxswitch::probes::spf {

struct Published {
  std::string domain;
  std::string term;  // that led here: "include:spf.filter.example"; empty: the domain itself
  Lookup::Outcome outcome = Lookup::Outcome::failed;  // of the TXT lookup
  std::uint32_t ttl = 0;
  std::vector<Txt> texts;  // its SPF records as published
  std::vector<Txt> lost;   // that would be SPF records with a space after the version
  struct NearMiss {
    std::string text, why;
  };
  std::vector<NearMiss> near;    // texts that were meant as SPF records and are none
  std::optional<Record> record;  // when there is exactly one and it has no syntax error
  std::string syntax_error;
  bool looped = false;    // it stands above itself; not followed again
  bool by_macro = false;  // its name depends on the sender; not followed
  bool too_far = false;   // too deep, or too many records before it; not asked about
  // Terms of this record whose lookups find nothing for a stranger of the family.
  int voids_v4 = 0, voids_v6 = 0;
  bool voids_at_least = false;  // some were not looked up
  std::vector<std::string> void_terms_v4, void_terms_v6;
  std::vector<std::string> crowded;  // mx terms with more exchanges than may be (section 4.6.4)
  std::vector<Published> leads_to;
};

struct Survey {
  Published root;
  bool type99 = false;  // a record of the retired type is there too
  // TXT at the name that exp= of the effective record names, where no macro is in it.
  std::optional<Lookup> explanation;
};

// The record that decides in the end: the domain's own, or where redirect leads (section 6.1).
const Published& effective(const Published& root);

// At most 64 records, the last behind 10 others, and 256 questions about the names in them, all
// within one AskingBudget. Never throws.
asio::awaitable<Survey> survey(DnsView& view, std::string domain, const Clock& clock);

// The same for a record that `domain` does not publish yet.
asio::awaitable<Survey> survey_as_if(DnsView& view, std::string domain, std::string record,
                                     const Clock& clock);

// The terms that ask, over the whole tree, when none of them matches (section 4.6.4), and those
// of them that find nothing. Terms after all are never reached.
struct Cost {
  int lookups = 0;
  int voids_v4 = 0, voids_v6 = 0;  // for a stranger of that family
  bool at_least = false;           // a part could not be followed
  int voids() const { return std::max(voids_v4, voids_v6); }
};
Cost worst_case(const Published& published);

}  // namespace mxswitch::probes::spf
