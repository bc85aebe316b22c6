// The durable side of a switchover. A step (new state, audit records, alerts, intent, operation)
// is one transaction: after any crash the store shows all of it or nothing.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "orchestrator/machine/machine.h"
#include "orchestrator/switchover/command.h"
#include "orchestrator/switchover/mta_sts_keep.h"
#include "orchestrator/switchover/snapshot.h"
#include "orchestrator/switchover/write_planner.h"

namespace mxswitch::orchestrator {

std::vector<monitor::Migration> journal_migrations();

// What a restart needs of one domain.
struct JournalState {
  MachineState machine;
  std::int64_t revision = 0;  // fences a second writer out; rises with every step
  std::string plan_text, plan_name;
  nlohmann::json wanted_roster;  // names and aliases of the files that were loaded; null: none
  std::optional<WriteIntent> intent;
  std::set<std::string> known_ops;
  std::vector<Override> overrides;
  std::vector<Waiver> waivers;
  std::optional<SeenMtaSts> mta_sts;
  std::vector<HistoryEntry> history;  // the newest 200, newest last
};

struct WaiverKey {
  std::string owner, resolver;
  auto operator<=>(const WaiverKey&) const = default;
};
WaiverKey key_of(const Waiver& waiver);

struct JournalStep {
  MachineState state;
  std::int64_t revision = 0;  // the one that was read; another one in the store refuses the step
  Time at{};
  std::vector<HistoryEntry> audit;
  std::vector<AlertEffect> alerts;
  std::vector<std::string> withdrawn;  // operations whose begin need not be told any more
  std::vector<std::string> targets;    // of the alerts
  std::optional<std::string> plan_text, plan_name;
  std::optional<nlohmann::json> wanted_roster;
  std::optional<WriteIntent> intent;  // opened, or its progress
  bool close_intent = false;
  std::vector<std::string> known_ops;  // to be added
  std::optional<Override> override_;
  std::optional<Waiver> waiver;
  std::vector<WaiverKey> unwaived;
  std::optional<Operation> operation;  // accepted with this step
  std::string operation_key, operation_request;
  std::vector<FinishOperationEffect> finished;
};

void write_step(monitor::Transaction& tx, const JournalStep& step);

std::vector<std::string> journal_domains(monitor::Transaction& tx);
// None: nothing was ever written for the domain. Throws StepRefused for what can't be read.
std::optional<JournalState> read_journal(monitor::Transaction& tx, const std::string& domain);

struct KeptOperation {
  Operation operation;
  std::string request;  // digest of the command that made it
};
std::optional<KeptOperation> find_operation(monitor::Transaction& tx, const std::string& id);
std::optional<KeptOperation> find_by_key(monitor::Transaction& tx, const std::string& domain,
                                         const std::string& key);
void keep_operation(monitor::Transaction& tx, const Operation& operation, const std::string& key,
                    const std::string& request, Time at);

}  // namespace mxswitch::orchestrator
