// Which write comes next at a relay of several nodes. Pure: the journal gives the intent, a fresh
// read of every node gives what is there, and the answer is one step. The same function serves
// the first try, the tenth, and the first one after a crash.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "orchestrator/relay/contract/contract.h"

namespace mxswitch::orchestrator {

// What was decided, and durable before the first byte leaves.
struct WriteIntent {
  std::string op_id, domain, reason;
  Mode target = Mode::hosted;
  UnknownNames unknown = UnknownNames::reject;
  std::optional<std::string> roster_digest;
  std::vector<std::string> nodes;  // in the order of writing
  bool dry_run = false;            // wanted before the first write
  bool dry_run_passed = false;
  // Writes that a node refused, by "node/mode": the next try needs a key of its own, since the
  // node would replay the refusal.
  std::map<std::string, int> refusals;
  Time made_at{};
};

nlohmann::json to_json(const WriteIntent& intent);
Result<WriteIntent> write_intent_from(const nlohmann::json& json);

// One node as it was just read.
struct ObservedNode {
  std::string node;
  bool readable = false;
  std::string error;
  Mode mode = Mode::forward;
  std::int64_t generation = 0;
  std::string op_id;  // empty: none
  bool in_force = false;
  std::string etag;
};

struct DryRunStep {};  // on every node, before anything else
struct NodeWriteStep {
  std::string node;
  Mode mode = Mode::split;
};
// The node has to answer, or to report what was written in force, before it goes on.
struct WaitStep {
  std::string node, why;
};
struct DoneStep {};
struct ForeignStep {
  std::string node, why;
};
using NextStep = std::variant<DryRunStep, NodeWriteStep, WaitStep, DoneStep, ForeignStep>;

// `known_ops`: every operation id that may stand at a node without being somebody else's. A write
// to hosted goes in order and waits at a node that does not answer. A write back is tried at all
// nodes, so that one dead node keeps no other on hosted.
NextStep next_write(const WriteIntent& intent, const std::vector<ObservedNode>& nodes,
                    const std::set<std::string>& known_ops);

// Nodes that report the intent's target in force.
int nodes_done(const WriteIntent& intent, const std::vector<ObservedNode>& nodes);

// Derived, so that a write repeated after a lost answer or a crash is the same write.
std::string write_key(const WriteIntent& intent, const std::string& node, Mode mode);

RouteWrite route_write(const WriteIntent& intent, Mode mode);

}  // namespace mxswitch::orchestrator
