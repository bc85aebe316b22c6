// Where a switchover stands for people: what is at fault, whose turn it is, and the one line that
// says why, for whom and until when. It follows from what is closed, not from a state's name. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/report.h"
#include "orchestrator/gates/gate.h"
#include "orchestrator/machine/state.h"

namespace mxswitch::orchestrator {

struct Snapshot;

// Something that somebody has to mend.
struct StandingFault {
  std::string gate;
  std::string cause;      // "relay node-2 does not answer: connection refused"
  std::string meanwhile;  // what happens to mail until then; may be empty
  Turn turn = Turn::operator_;
  std::optional<Time> dns_done_at;  // nothing of the DNS is waited for since then

  // "relay node-2 does not answer (DNS done 14:30:10Z); Postfix there defers mail (451)"
  std::string text(Time now) const;
  bool operator==(const StandingFault&) const = default;
};

// A failing gate that matters in the snapshot's state. Where the relay is blocked, or the plan was
// aborted, the state itself says what is to be done.
std::optional<StandingFault> fault_of(const Snapshot& snapshot);
// "FAULT shop.example: relay ..."
std::string fault_line(const std::string& domain, const StandingFault& fault, Time now);

// Before the switch nothing of the DNS is waited for any more, since when; none: something is.
std::optional<Time> dns_done_at(const Snapshot& snapshot);

// The closed gate that decides: a failing one, else the first of the table; null: all are open.
// Without the operator's gate.
const GateResult* deciding_gate(const std::vector<GateResult>& gates);

// "time, until 14:32:10Z: propagation: 12 resolvers still hold the old set; meanwhile you:
// contact: ..." of what is closed; empty: nothing is.
std::string closed_text(const std::vector<GateResult>& gates, Time now);

// Whose turn it is in a state, as far as the gates do not say.
Turn turn_of(const Snapshot& snapshot);

}  // namespace mxswitch::orchestrator
