#include "orchestrator/gates/gate.h"

namespace mxswitch::orchestrator {

std::string_view to_text(GateVerdict v) {
  switch (v) {
    case GateVerdict::pass:
      return "pass";
    case GateVerdict::waits:
      return "waits";
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

std::string_view to_text(Turn t) {
  switch (t) {
    case Turn::none:
      return "none";
    case Turn::operator_:
      return "operator";
    case Turn::approver:
      return "approver";
    case Turn::customer:
      return "customer";
    case Turn::time:
      return "time";
  }
  return "none";
}

std::string_view people_of(Turn t) {
  switch (t) {
    case Turn::none:
      return "nobody";
    case Turn::operator_:
      return "you";
    case Turn::approver:
      return "an approver";
    case Turn::customer:
      return "the customer";
    case Turn::time:
      return "time";
  }
  return "nobody";
}

}  // namespace mxswitch::orchestrator
