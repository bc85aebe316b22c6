#include "orchestrator/gates/bugs.h"

#include <algorithm>

namespace mxswitch::orchestrator {
namespace {

bool has_bug(const GateResult& gate) {
  return gate.evidence.is_object() && gate.evidence.value("bug", false);
}

}  // namespace

std::vector<GateResult> new_bugs(const std::vector<GateResult>& before,
                                 const std::vector<GateResult>& after) {
  std::vector<GateResult> found;
  for (const GateResult& gate : after) {
    const bool known = std::ranges::any_of(before, [&](const GateResult& earlier) {
      return earlier.id == gate.id && has_bug(earlier);
    });
    if (has_bug(gate) && !known) found.push_back(gate);
  }
  return found;
}

}  // namespace mxswitch::orchestrator
