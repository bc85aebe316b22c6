#include "orchestrator/switchover/write_planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/relay/contract/field_reader.h"
#include "probes/base/secrets.h"
#include "probes/base/utf8.h"

namespace mxswitch::orchestrator {
namespace {

const ObservedNode* find(const std::vector<ObservedNode>& nodes, const std::string& id) {
  for (const ObservedNode& node : nodes) {
    if (node.node == id) return &node;
  }
  return nullptr;
}

std::optional<ForeignStep> foreign_writer(const WriteIntent& intent,
                                          const std::vector<ObservedNode>& nodes,
                                          const std::set<std::string>& known_ops) {
  for (const ObservedNode& node : nodes) {
    if (!node.readable || node.op_id == intent.op_id || known_ops.contains(node.op_id)) continue;
    return ForeignStep{node.node,
                       fmt::format("operation {} set {}, which is not ours",
                                   node.op_id.empty() ? "(none)" : node.op_id, to_text(node.mode))};
  }
  return std::nullopt;
}

WaitStep silent(const ObservedNode* node, const std::string& id) {
  return {id, node == nullptr || node->error.empty() ? "it does not answer" : node->error};
}
WaitStep not_in_force(const std::string& id, Mode mode) {
  return {id, fmt::format("{} is written but not seen in force yet", to_text(mode))};
}

bool is_ours(const WriteIntent& intent, const ObservedNode& node, Mode mode) {
  return node.op_id == intent.op_id && node.mode == mode;
}

// All nodes to `mode`, in order; a node that is past it (at the target) counts.
std::optional<NextStep> bring_all_to(const WriteIntent& intent,
                                     const std::vector<ObservedNode>& nodes, Mode mode) {
  for (const std::string& id : intent.nodes) {
    const ObservedNode* node = find(nodes, id);
    if (node == nullptr || !node->readable) return silent(node, id);
    const bool past = is_ours(intent, *node, intent.target);
    if (!past && !is_ours(intent, *node, mode)) return NodeWriteStep{id, mode};
    if (!node->in_force) return not_in_force(id, node->mode);
  }
  return std::nullopt;
}

std::string attempt_name(const std::string& node, Mode mode) {
  return fmt::format("{}/{}", node, to_text(mode));
}

// While nodes differ, no name is rejected: nodes on hosted take split before one goes back. A
// node that refuses split is not asked again, since a rollback never waits for that.
std::optional<NextStep> soften(const WriteIntent& intent, const std::vector<ObservedNode>& nodes) {
  if (intent.nodes.size() < 2) return std::nullopt;
  for (const std::string& id : intent.nodes) {
    const ObservedNode* node = find(nodes, id);
    if (node == nullptr || !node->readable || node->mode != Mode::hosted) continue;
    if (!intent.refusals.contains(attempt_name(id, Mode::split))) {
      return NodeWriteStep{id, Mode::split};
    }
  }
  return std::nullopt;
}

NextStep bring_back(const WriteIntent& intent, const std::vector<ObservedNode>& nodes) {
  if (auto step = soften(intent, nodes)) return *step;
  std::optional<WaitStep> waiting;
  for (const std::string& id : intent.nodes) {
    const ObservedNode* node = find(nodes, id);
    if (node == nullptr || !node->readable) {
      if (!waiting) waiting = silent(node, id);
    } else if (!is_ours(intent, *node, intent.target)) {
      // Also where the mode is right already: the new generation keeps out a late write of the
      // operation that is being taken back.
      return NodeWriteStep{id, intent.target};
    } else if (!node->in_force && !waiting) {
      waiting = not_in_force(id, intent.target);
    }
  }
  if (waiting) return *waiting;
  return DoneStep{};
}

}  // namespace

NextStep next_write(const WriteIntent& intent, const std::vector<ObservedNode>& nodes,
                    const std::set<std::string>& known_ops) {
  if (auto foreign = foreign_writer(intent, nodes, known_ops)) return *foreign;
  if (intent.dry_run && !intent.dry_run_passed) return DryRunStep{};
  if (intent.target != Mode::hosted) return bring_back(intent, nodes);
  if (auto step = bring_all_to(intent, nodes, Mode::split)) return *step;
  if (auto step = bring_all_to(intent, nodes, Mode::hosted)) return *step;
  return DoneStep{};
}

int nodes_done(const WriteIntent& intent, const std::vector<ObservedNode>& nodes) {
  return static_cast<int>(std::ranges::count_if(nodes, [&](const ObservedNode& node) {
    return node.readable && node.in_force && is_ours(intent, node, intent.target);
  }));
}

std::string write_key(const WriteIntent& intent, const std::string& node, Mode mode) {
  const auto refused = intent.refusals.find(attempt_name(node, mode));
  const int attempt = refused == intent.refusals.end() ? 0 : refused->second;
  return sha256_hex(fmt::format("{}|{}|{}|{}", intent.op_id, node, to_text(mode), attempt))
      .substr(0, 32);
}

RouteWrite route_write(const WriteIntent& intent, Mode mode) {
  RouteWrite write;
  write.mode = mode;
  write.unknown = mode == Mode::hosted ? intent.unknown : UnknownNames::reject;
  if (mode == Mode::hosted || mode == Mode::split) write.roster_digest = intent.roster_digest;
  write.op_id = intent.op_id;
  // Octets: what an older journal holds may be longer than what is taken now.
  write.reason = cut_to_octets(intent.reason, kReasonLimit);
  return write;
}

nlohmann::json to_json(const WriteIntent& i) {
  nlohmann::json j = {{"op_id", i.op_id},
                      {"domain", i.domain},
                      {"reason", i.reason},
                      {"target", to_text(i.target)},
                      {"unknown", to_text(i.unknown)},
                      {"nodes", i.nodes},
                      {"dry_run", i.dry_run},
                      {"dry_run_passed", i.dry_run_passed},
                      {"refusals", i.refusals},
                      {"made_at_ms", i.made_at.time_since_epoch().count()}};
  if (i.roster_digest) j["roster_digest"] = *i.roster_digest;
  return j;
}

Result<WriteIntent> write_intent_from(const nlohmann::json& j) {
  try {
    WriteIntent i;
    i.op_id = j.at("op_id");
    i.domain = j.at("domain");
    i.reason = j.at("reason");
    i.target = mode_from(j.at("target").get<std::string>()).value();
    i.unknown =
        j.at("unknown").get<std::string>() == "defer" ? UnknownNames::defer : UnknownNames::reject;
    i.nodes = j.at("nodes").get<std::vector<std::string>>();
    i.dry_run = j.at("dry_run");
    i.dry_run_passed = j.at("dry_run_passed");
    i.refusals = j.at("refusals").get<std::map<std::string, int>>();
    i.made_at = Time(Duration(j.at("made_at_ms").get<std::int64_t>()));
    if (j.contains("roster_digest")) i.roster_digest = j.at("roster_digest");
    return i;
  } catch (const std::exception& e) {
    return fail(Fault::malformed, fmt::format("the journal's write intent: {}", e.what()), {},
                "the store was written by another version");
  }
}

}  // namespace mxswitch::orchestrator
