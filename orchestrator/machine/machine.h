// The state machine of one switchover: state x event -> state and effects. Pure: it asks nothing
// and writes nothing; the shell makes the new state and the effects durable in one transaction
// before it acts on them (SWITCHOVER.md sections 4 and 5).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <tl/expected.hpp>

#include "orchestrator/machine/event.h"
#include "orchestrator/machine/state.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

inline constexpr Duration kArmedFor = std::chrono::hours(24);
// A switch or a rollback that is done by then is told by one message, else by two.
inline constexpr Duration kOneMessageWithin = std::chrono::minutes(1);

// A switch command that was accepted and waits for approvers, the window, or its last judgement.
struct Armed {
  std::string op_id, author, reason, digest;
  Time at{};
  std::vector<std::string> approvals;
};

// For which plan `hosted` may be written: set only when all gates were open for it.
struct Authorisation {
  std::string digest;
  std::int64_t generation = 0;
};

// The write that is under way at the relay; its steps stand in the journal.
struct Writing {
  std::string op_id, author, reason;
  Mode target = Mode::hosted;
  int done = 0, total = 0;
  bool stuck = false;
  Time begun_at{};  // epoch in older stores
};

// Why no READY is announced and no switch begins until somebody unfreezes it. Older stores hold the
// flag alone: there author, reason and time are empty.
struct Freeze {
  std::string author, reason;
  Time since{};
  bool by_rollback = false;
};

struct MachineState {
  std::string domain;
  State state = State::draft;
  Time since{};
  std::int64_t generation = 1;
  std::string digest;  // of the plan; empty before the first one
  Mode base = Mode::forward;
  std::optional<Freeze> frozen;
  bool gates_lost = false;  // they were open once since armed, and closed again: alerted
  bool relay_unreadable = false;
  std::set<std::string> told;  // kinds of lasting trouble that people were told of, and that lasts
  std::vector<std::string> closed;  // gates, as last judged
  std::optional<Armed> armed;
  std::optional<Authorisation> authorised;
  std::optional<Writing> writing;
  State return_to = State::forwarding;  // where rolling_back ends
  std::optional<State> blocked_from;
  std::string blocked_why;
};

// "frozen since the rollback of 18:24:05Z by ann: mail for sales was missing"
std::string to_text(const Freeze& freeze, Time now);
// What is typed to end it.
std::string unfreeze_command(const std::string& domain);

nlohmann::json to_json(const MachineState& state);
Result<MachineState> machine_state_from(const nlohmann::json& json);

struct AuditEffect {
  std::string who, what, why, evidence;
};
// What people are told: a line that stands alone, what to know, and what happens if nobody acts.
// The shell adds the link. `held`: kept back for so long, and withdrawn if `op_id` ends before.
struct AlertEffect {
  std::string kind, line, body;
  std::string op_id;
  Duration held{0};
};
// The end of an operation, told by another alert or not at all: its begin need not be told any
// more.
struct WithdrawAlertsEffect {
  std::string op_id;
};
// A durable intent with its steps, carried out node by node. A dry run on all nodes comes first
// where the flag is set.
struct BeginWriteEffect {
  std::string op_id, reason;
  Mode target = Mode::hosted;
  bool dry_run = false;
};
struct JudgeNowEffect {};   // gather the facts afresh, then GatesJudged{fresh}
struct VerifyNowEffect {};  // probe every node
struct FinishOperationEffect {
  std::string op_id, status;  // done, refused, failed, unknown
  int exit_code = 0;
  std::string text;
};
using Effect = std::variant<AuditEffect, AlertEffect, WithdrawAlertsEffect, BeginWriteEffect,
                            JudgeNowEffect, VerifyNowEffect, FinishOperationEffect>;

struct Step {
  MachineState state;
  std::vector<Effect> effects;
};

// Why a command does not do anything now, and the exit code of SWITCHOVER.md section 8.
struct Refusal {
  Error error;
  int exit_code = 1;
};

// Observations always give a Step; commands may be refused. A refusal has no effect at all.
tl::expected<Step, Refusal> advance(const MachineState& state, const Event& event, Time now);

// The generation that a plan given now would have: one more after an abort.
std::int64_t generation_of_next_plan(const MachineState& state);

}  // namespace mxswitch::orchestrator
