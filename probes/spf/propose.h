// The SPF record that a domain should publish so that required terms stand in it: merged into the
// existing record, never a second one. Pure.
#pragma once

#include <string>
#include <vector>

#include "probes/base/result.h"
#include "probes/spf/survey.h"

namespace mxswitch::probes::spf {

struct Proposal {
  std::string record;
  bool unchanged = false;            // the published one has all of them
  std::vector<std::string> added;    // terms
  std::vector<std::string> removed;  // records or terms that the proposal leaves out, with why
  std::vector<std::string> notes;    // what else to know of a required term
  std::size_t octets = 0;
};

// `required`: mechanisms as they are written ("include:spf.filter.example"). One that takes effect
// already, directly or behind includes and redirect (as far as `published` was surveyed), is not
// added again. They are put before the first all, and before a term that matches everybody of a
// family; a record without all ends in `all` ("~all"), one with redirect in that. Of several
// published records the terms are united. Fails with `usage` for a required term or an `all` that
// can't be one, and with `malformed` where the published record has a syntax error, or several have
// redirects to different places: that must be mended by hand.
Result<Proposal> propose(const Published& published, const std::vector<std::string>& required,
                         const std::string& all = "~all");

}  // namespace mxswitch::probes::spf
