// All that is known of one switchover at one moment. Composed here alone; every view renders it
// and computes nothing of its own (DESIGN: How data flows).
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/report.h"
#include "monitor/propagation/spf_matrix.h"
#include "orchestrator/gates/gate.h"
#include "orchestrator/machine/state.h"
#include "orchestrator/switchover/standing.h"

namespace mxswitch::orchestrator {

struct RelayNodeView {
  std::string id;
  bool reachable = false;
  std::string mode;  // forward, split, hosted, hold; empty if unknown
  std::int64_t generation = 0;
  bool in_force = false;
  std::optional<Time> route_seen_at;
  std::int64_t accepted = 0, forwarded = 0, hosted = 0, rejected = 0, queued = 0;
  std::string error;  // why it is not reachable
  Time observed_at{};
};

struct RelayView {
  std::string name, driver;
  std::string desired, observed;  // "forward", "hosted", ..., "unknown", "differs"
  std::int64_t generation = 0;
  std::vector<RelayNodeView> nodes;
};

struct HistoryEntry {
  Time at{};
  std::string who;   // a person or "mxswitch"
  std::string what;  // "forwarding -> propagating", "override spf"
  std::string why;
  std::string evidence;  // one line
};

struct Override {
  std::string gate, reason, author, digest;
  Time at{}, expires_at{};
};

struct Waiver {
  std::string resolver, reason, author;
  Time at{};
  std::optional<Time> until;
  std::string owner;  // one of the plan's domains
};

struct RosterView {
  std::vector<std::string> missing_accounts, missing_aliases, extra_accounts, extra_aliases;
  std::vector<std::string> uncovered;  // recipients that the old server accepted and nobody has
  std::string digest;
  std::string accounts_file, aliases_file;  // of the plan; empty: it names none
};

struct ContactView {
  std::string channel, address;  // shown with the local part masked
  bool acknowledged = false;
  bool last_delivery_ok = false;
  std::optional<Time> last_delivery_at;
};

struct FreezeView {
  std::string author, reason;  // empty where an older store held the flag alone
  std::optional<Time> since;
  bool by_rollback = false;
  std::string text;  // "frozen since the rollback of 18:24:05Z by ann: mail for sales was missing"
};

struct Snapshot {
  std::string domain;
  std::int64_t generation = 1;  // of the plan's life: raised by abort -> plan
  State state = State::draft;
  Time state_since{};
  Time at{};
  std::uint64_t sequence = 0;  // rises with every published snapshot of the domain
  monitor::PropagationReport report;
  std::vector<monitor::PropagationReport> other_owners;  // alias domains and subdomains
  std::optional<monitor::SpfMatrix> spf;  // none: the plan does not ask, or nothing was seen yet
  std::vector<monitor::SpfMatrix> other_spf;  // of the other owners, those of which something was
  std::vector<GateResult> gates;
  std::vector<std::string> blocked_by;  // ids of the gates that are not open
  std::string waiting_for;              // one line: why, for whom, until when
  Turn turn = Turn::none;               // whose it is now
  std::optional<StandingFault> fault;   // what somebody has to mend
  std::optional<Time> next_change_at;
  RelayView relay;
  std::string plan_digest;
  bool frozen = false;
  std::optional<FreezeView> freeze;  // while it is frozen
  std::string operation;             // "switching 1/2" while one is open
  std::vector<Override> overrides;
  std::vector<Waiver> waivers;
  std::vector<std::string> approvals;
  RosterView roster;
  std::vector<ContactView> contact;
  std::vector<HistoryEntry> history;  // newest last, at most 200
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace mxswitch::orchestrator
