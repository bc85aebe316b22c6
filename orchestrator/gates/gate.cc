#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

std::string_view to_text(GateVerdict v) {
  switch (v) {
    case GateVerdict::pass:
      return "pass";
    case GateVerdict::fail:
      return "fail";
    case GateVerdict::unknown:
      return "unknown";
    case GateVerdict::stale:
      return "stale";
    case GateVerdict::not_asked:
      return "not_asked";
  }
  return "unknown";
}

}  // namespace mxswitch::orchestrator
