// The words, letters and shapes by which every view names the same thing, and the order in which
// rows are shown: worst first. Colour is never the only sign (WCAG 1.4.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/report.h"
#include "orchestrator/switchover/snapshot.h"

namespace mxswitch::dashboards {

using monitor::AnswerClass;
using monitor::AuthorityReport;
using monitor::PropagationReport;
using monitor::ResolverReport;
using orchestrator::GateResult;
using orchestrator::GateVerdict;
using orchestrator::Snapshot;
using orchestrator::State;

// One class as it is shown; `split` stands beside the six of AnswerClass.
struct ClassSign {
  std::string_view word;     // "old"
  char letter;               // 'O'
  std::string_view meaning;  // for a legend
};
ClassSign sign_of(AnswerClass c);
ClassSign sign_of(const ResolverReport& resolver);  // split goes before the class
// All of them, worst first; the order of legends, counts and charts.
const std::vector<ClassSign>& all_signs();

// How many resolvers are shown under a word of all_signs().
int count_of(const PropagationReport& report, std::string_view word);

// Worst first: old, split, mixed, absent, foreign, failed, new; within a class those that block
// (stretchers, violators) first, then the one whose cache lives longest.
std::vector<const ResolverReport*> worst_first(const PropagationReport& report);
std::vector<const AuthorityReport*> authorities_worst_first(const PropagationReport& report);
std::vector<const GateResult*> gates_worst_first(const Snapshot& snapshot);

std::string_view to_text(AuthorityReport::Reach reach);
std::string_view to_text(monitor::Obligation::Kind kind);
std::string_view to_text(monitor::Holds holds);

// "pass", "fail", "overridden", ...
std::string_view word_of(const GateResult& gate);

// The sets as people write them; what nothing is known of is said in words.
std::string set_text(const monitor::MxSet& set);
// What caches may hold by it: an MX set, or another RRset.
std::string held_text(const monitor::Obligation& obligation);
std::string old_sets_text(const PropagationReport& report);
// "Lagos, NG", "everywhere (anycast)" or "".
std::string place_of(const ResolverReport& resolver);
std::string name_of(const ResolverReport& resolver);  // "isp-a 192.0.2.1"
// "stretches TTLs", "waived", "not counted": what a row needs to say beside its class.
std::vector<std::string_view> marks_of(const ResolverReport& resolver);

// What a view shows first: a fault before what the state is called, READY where the switch may be
// made, and what a person decided (frozen, held, blocked) in its own word. `tone` names its colour.
struct Headline {
  std::string word;  // "FAULT", "PROPAGATING", "ROLLING BACK"
  std::string tone;  // "fault", "propagating", "rolling-back"
};
Headline headline_of(const Snapshot& snapshot);
// "good", "bad" where the gate fails, "waits" where it is closed; not judged yet: "waits".
std::string_view tone_of_gate(const Snapshot& snapshot, std::string_view gate);
// What of the forecast's moves a reader needs first: copies that outlive the bound, what a person
// can do, then what would make it later.
std::vector<const monitor::Forecast::Move*> moves_in_order(const monitor::Forecast& forecast);
// The change of MX or its drain is still ahead: READY has an earliest time.
bool waits_for_dns(const Snapshot& snapshot);
// What the domain waits for, never empty: the first line of every view.
std::string waits_for(const Snapshot& snapshot);
// "12 Nov 14:32Z" is never needed: the date is given only where it is not today's.
std::string moment(Time t, Time now);
// "in 41 min", "8 s ago", "now".
std::string relative(Time t, Time now);

// A step of the story and how far it is.
struct Step {
  enum class Phase { done, current, ahead } phase = Phase::ahead;
  std::string_view id, title;
  bool fault = false;  // the current one, where somebody has to mend something
};
std::vector<Step> steps_of(const Snapshot& snapshot);

// A state of SPF's matrix in the words of gates: pass, fail, unknown; where the gate does not fail,
// what is not as wanted only waits.
std::string_view verdict_word(monitor::SpfState state, bool gate_fails);

}  // namespace mxswitch::dashboards
