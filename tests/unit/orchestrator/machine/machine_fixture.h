// Every state and every event once, as tests of the machine combine them.
#pragma once

#include <utility>
#include <vector>

#include "orchestrator/machine/machine.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {

inline Time noon() { return *parse_time("2026-11-22T12:00:00Z"); }

inline const std::vector<State>& every_state() {
  static const std::vector<State> states = {
      State::draft,     State::forwarding, State::propagating, State::ready,  State::armed,
      State::switching, State::verifying,  State::hosted,      State::final_, State::rolling_back,
      State::held,      State::aborted,    State::blocked};
  return states;
}

// A state as it would have been reached: with all that belongs to it.
inline MachineState in_state(State state) {
  MachineState s;
  s.domain = "shop.example";
  s.state = state;
  s.since = noon() - seconds(60);
  s.digest = "digest-1";
  if (state == State::armed) {
    s.armed = Armed{"op-1", "jo", "moving day", "digest-1", noon() - seconds(60), {}};
  }
  if (state == State::switching || state == State::verifying) {
    s.writing = Writing{"op-1", "jo", "moving day", Mode::hosted, 0, 2, false, noon() - seconds(8)};
  }
  if (state == State::rolling_back) {
    s.writing = Writing{"op-1", "jo", "trouble", Mode::forward, 0, 2, false, noon() - seconds(8)};
  }
  if (state == State::switching || state == State::verifying || state == State::hosted ||
      state == State::final_ || state == State::blocked) {
    s.authorised = Authorisation{"digest-1", 1};
  }
  if (state == State::blocked) {
    s.blocked_from = State::hosted;
    s.blocked_why = "node-1: somebody wrote forward";
  }
  return s;
}

inline GatesJudged all_open(bool fresh = false) {
  return {"digest-1", {}, true, fresh, "", "op-1"};
}
inline GatesJudged caches_old(bool fresh = false) {
  return {"digest-1", {"propagation"}, true, fresh, "propagation: isp-a is old", "op-1"};
}

inline const std::vector<std::pair<std::string, Event>>& every_event() {
  static const std::vector<std::pair<std::string, Event>> events = {
      {"plan", PlanGiven{"jo", "digest-2", Mode::forward}},
      {"switch", SwitchCommand{"op-2", "jo", "moving day", "digest-1"}},
      {"abort", AbortCommand{"jo", "not today"}},
      {"rollback", RollbackCommand{"op-3", "jo", "trouble", Mode::forward, ""}},
      {"rollback hold", RollbackCommand{"op-3", "jo", "trouble", Mode::hold, ""}},
      {"freeze", FreezeCommand{"jo", "holiday"}},
      {"unfreeze", UnfreezeCommand{"jo", "over"}},
      {"override", OverrideCommand{"jo", "looked", "mta-sts", noon() + seconds(600), "digest-1"}},
      {"waive", WaiveCommand{"jo", "known", "192.0.2.9", "shop.example", "digest-1"}},
      {"unwaive", UnwaiveCommand{"jo", "over", "192.0.2.9", "shop.example"}},
      {"approve", ApproveCommand{"ann"}},
      {"adopt", ResolveCommand{"op-4", "jo", "it was me", true, Mode::hosted, {}}},
      {"restore", ResolveCommand{"op-4", "jo", "put it back", false, Mode::hosted, {}}},
      {"verify", VerifyCommand{"jo", "saw it"}},
      {"finalize", FinalizeCommand{"jo", "a week has passed", {}}},
      {"relay on forward", RelayObserved{Mode::forward}},
      {"first new answer", FirstNewAnswer{"ns1"}},
      {"gates open", all_open()},
      {"gates closed", caches_old()},
      {"gates open, fresh", all_open(true)},
      {"gates closed, fresh", caches_old(true)},
      {"window", WindowOpen{}},
      {"dry run refused", DryRunRefused{"op-1", "node-2 is dead"}},
      {"node written", NodeWritten{"op-1", "node-1", 1, 2}},
      {"node stuck", NodeStuck{"op-1", "node-2", "timed out"}},
      {"hosted in force", AllInForce{"op-1", Mode::hosted}},
      {"forward in force", AllInForce{"op-1", Mode::forward}},
      {"in force for another op", AllInForce{"op-0", Mode::hosted}},
      {"verified", Verified{"2 probes"}},
      {"verify failed", VerifyFailed{"no probe in the mailbox"}},
      {"foreign write", ForeignWrite{"node-1", "op of somebody else"}},
      {"next hop loops", NextHopLoops{"mail.shop.example", "it is node-1"}},
      {"unreadable", RelayUnreadable{"connection refused", "relay node-2 does not answer",
                                     "Postfix there defers mail (451) meanwhile"}},
      {"readable", RelayReadable{}},
      {"time", TimePassed{}},
      {"noticed",
       Noticed{"mx-wrong", "shop.example: ns1 answers mx9", "If nobody acts: it stays so.", true}},
      {"noticed no more", Noticed{"mx-wrong", "", "", false}},
  };
  return events;
}

template <class T>
std::vector<T> effects_of(const Step& step) {
  std::vector<T> found;
  for (const Effect& e : step.effects) {
    if (const T* effect = std::get_if<T>(&e)) found.push_back(*effect);
  }
  return found;
}

}  // namespace mxswitch::orchestrator
