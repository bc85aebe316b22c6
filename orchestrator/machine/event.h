// What can happen to a switchover: commands of people and observations of the shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "orchestrator/relay/contract/contract.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

// --- Commands. `reason` must not be empty where the field stands.
struct PlanGiven {
  std::string author, digest;
  Mode base = Mode::forward;  // where mail goes before the switch; hold without an old server
};
struct SwitchCommand {
  std::string op_id, author, reason, digest;
};
struct AbortCommand {
  std::string author, reason;
};
struct RollbackCommand {
  std::string op_id, author, reason;
  Mode to = Mode::forward;  // or hold
  std::string note;         // "the old server does not answer: ..."; may be empty
};
struct FreezeCommand {
  std::string author, reason;
};
struct UnfreezeCommand {
  std::string author, reason;
};
struct OverrideCommand {
  std::string author, reason, gate;
  Time expires_at{};
  std::string digest;  // of the plan that it was checked against
};
struct WaiveCommand {
  std::string author, reason, resolver;
  std::string owner;   // of the plan's domains, the one whose reports it counts for
  std::string digest;  // of the plan that it was checked against
};
struct UnwaiveCommand {
  std::string author, reason, resolver, owner;
};
struct ApproveCommand {
  std::string author;
};
struct ResolveCommand {
  std::string op_id, author, reason;
  bool adopt = false;               // else restore what was desired
  std::optional<Mode> observed;     // the mode of all nodes, if they agree
  std::vector<std::string> closed;  // gates that are not open now, without the operator's
};
struct VerifyCommand {
  std::string author, reason;
};
struct FinalizeCommand {
  std::string author, reason;
  std::optional<std::string> hindrance;  // "node-1 queues 3 messages accepted before the switch"
};

// --- Observations. None of them is ever refused; one that does not matter changes nothing.
struct RelayObserved {
  Mode mode = Mode::forward;  // of every node, in force
};
struct FirstNewAnswer {
  std::string evidence;
};
struct GatesJudged {
  std::string digest;
  std::vector<std::string> closed;  // without the operator's gate
  bool operator_open = false;
  bool fresh = false;  // judged from facts gathered just now, for the write
  std::string why;     // of what is closed, one line
  std::string op_id;   // of the switch that was armed then; empty: none
};
struct WindowOpen {};  // the operator's gate opened: approvers and window
struct DryRunRefused {
  std::string op_id, why;
};
struct NodeWritten {
  std::string op_id, node;
  int done = 0, total = 0;  // nodes in force at the target
};
struct NodeStuck {
  std::string op_id, node, why;
};
struct AllInForce {
  std::string op_id;
  Mode mode = Mode::hosted;
};
struct Verified {
  std::string evidence;
};
struct VerifyFailed {
  std::string why;
};
struct ForeignWrite {
  std::string node, why;
};
// A next hop in use leads to a node of the relay: mail would go round (SWITCHOVER.md 5.10).
struct NextHopLoops {
  std::string hop, why;
};
struct RelayUnreadable {
  std::string why;
  std::string what;  // "relay node-2 does not answer"
  std::string mail;  // what happens to mail there meanwhile; empty: it goes on as ever
};
struct RelayReadable {};
struct TimePassed {};
// Something that people are told of once while it lasts.
struct Noticed {
  std::string kind, line, body;
  bool lasts = true;
};

using Event = std::variant<PlanGiven, SwitchCommand, AbortCommand, RollbackCommand, FreezeCommand,
                           UnfreezeCommand, OverrideCommand, WaiveCommand, UnwaiveCommand,
                           ApproveCommand, ResolveCommand, VerifyCommand, FinalizeCommand,
                           RelayObserved, FirstNewAnswer, GatesJudged, WindowOpen, DryRunRefused,
                           NodeWritten, NodeStuck, AllInForce, Verified, VerifyFailed, ForeignWrite,
                           NextHopLoops, RelayUnreadable, RelayReadable, TimePassed, Noticed>;

inline constexpr std::size_t kCommandKinds = 13;  // the first ones of Event

}  // namespace mxswitch::orchestrator
