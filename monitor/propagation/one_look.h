// What `check` says: one look at everything, no history, so no drain is judged.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/report.h"

namespace mxswitch::monitor {

enum class Look {
  all_new,       // every conclusive answer is the expected set, and there are enough of them
  not_yet,       // somebody answered something else
  inconclusive,  // nobody did, but too many did not answer
};
std::string_view to_text(Look look);

struct LookCounts {
  int asked = 0, split = 0;
  std::map<AnswerClass, int> by_class;
  int of(AnswerClass c) const;
};

struct OneLook {
  Look look = Look::inconclusive;
  LookCounts authorities, resolvers;
  std::vector<Reason> reasons;  // empty only for all_new
  std::string drain;            // the sentence that drain was not judged; never empty
};

// Several samples of one resolver are several looks into its caches. `old_sets` may be empty:
// an answer that is not expected is then `foreign`. Inconclusive: an authority answered nothing,
// or over 20 % of the resolvers failed (2 D), or there were no samples at all.
OneLook one_look(const MxSet& expected, const std::vector<MxSet>& old_sets,
                 const std::vector<AuthoritySample>& authorities,
                 const std::vector<ResolverSample>& resolvers);

}  // namespace mxswitch::monitor
