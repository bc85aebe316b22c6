// Whether the terms that a plan requires take effect in what one DNS view serves: a term that
// stands in the text may still never be reached, or let nobody pass (RFC 7208 sections 4.6.2, 5.1,
// 5.2, 6.1). Pure: judges a Survey.
#pragma once

#include <string>
#include <vector>

#include "probes/spf/survey.h"

namespace mxswitch::monitor {

enum class SpfEffect { effective, without_effect, unknown };
std::string_view to_text(SpfEffect effect);

struct SpfTermSeen {
  std::string term;
  SpfEffect effect = SpfEffect::unknown;
  std::string why;  // one clause; empty when it is effective at the first level
  bool operator==(const SpfTermSeen&) const = default;
};

// Effective: reached directly, through includes or by redirect, each with the qualifier "+" and
// before an "all", and nothing before it takes the same mechanism with another qualifier. A
// required include must also lead to one record. `unknown` where a part could not be followed.
SpfTermSeen judge_term(const probes::spf::Published& root, const std::string& term);

// What an include or a redirect leads to and should not, anywhere in the tree: one clause each.
struct SpfBroken {
  std::string why;
  bool failed = false;  // no answer came: neither there nor missing
  bool operator==(const SpfBroken&) const = default;
};
std::vector<SpfBroken> broken_targets(const probes::spf::Published& root);

}  // namespace mxswitch::monitor
