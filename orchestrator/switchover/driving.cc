// Carries out the open intent, one step a call: read every node, ask the planner, do that one
// thing, keep its progress. After a crash the same call goes on from what the nodes show.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {
namespace {

constexpr int kTriesBeforeAlert = 3;

const ObservedNode& find(const std::vector<ObservedNode>& nodes, const std::string& id) {
  return *std::ranges::find(nodes, id, &ObservedNode::node);
}

}  // namespace

asio::awaitable<std::vector<ObservedNode>> Switchover::observe_nodes() {
  std::vector<ObservedNode> observed;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto read = co_await relay()->read_domain(node.id, domain_);
    ObservedNode seen;
    seen.node = node.id;
    seen.readable = read.has_value();
    if (read) {
      const RelayDomain& d = read->value;
      seen.mode = d.mode;
      seen.generation = d.generation;
      seen.op_id = d.op_id.value_or("");
      seen.in_force = d.in_force.generation == d.generation;
      seen.etag = read->etag;
    } else {
      seen.error = read.error().text();
    }
    observed.push_back(std::move(seen));
  }
  co_return observed;
}

// What was planned for one operation is no plan for the one that took over meanwhile.
bool Switchover::is_open(const WriteIntent& intent) const {
  return kept_.intent && kept_.intent->op_id == intent.op_id;
}

StillWanted Switchover::while_open(const WriteIntent& intent) const {
  return [this, op_id = intent.op_id] { return kept_.intent && kept_.intent->op_id == op_id; };
}

// The node that does not follow is tried again, ever more slowly; people are told once.
asio::awaitable<void> Switchover::wait_for(WriteIntent intent, WaitStep step) {
  if (!is_open(intent)) co_return;  // the next operation is not kept waiting for this one's node
  const auto doubled = intervals_.retry_least * (1 << std::min(stuck_tries_, 10));
  write_due_ = parts_.clock.now() + std::min<Duration>(doubled, intervals_.retry_most);
  if (++stuck_tries_ < kTriesBeforeAlert) co_return;
  NodeStuck event;
  event.op_id = intent.op_id;
  event.node = step.node;
  event.why = step.why;
  co_await observe(event);
}

asio::awaitable<bool> Switchover::dry_run_all(WriteIntent intent, std::vector<ObservedNode> nodes) {
  const Mode modes[3] = {Mode::split, Mode::hosted, kept_.machine.base};
  DryRunRefused refusal;
  refusal.op_id = intent.op_id;
  for (const ObservedNode& node : nodes) {
    if (!node.readable) {
      refusal.why = fmt::format("{}: {}", node.node, node.error);
      break;
    }
    for (const Mode mode : modes) {
      const RouteWrite write = route_write(intent, mode);
      const std::string key = write_key(intent, node.node, mode);
      const StillWanted wanted = while_open(intent);
      auto result =
          co_await relay()->write_route(node.node, domain_, write, node.etag, key, true, wanted);
      if (!is_open(intent)) co_return writing();
      if (result.outcome == WriteOutcome::in_force) continue;
      refusal.why = fmt::format("{} refused the dry run of {}: {}", node.node, to_text(mode),
                                result.error ? result.error->text() : "not answered with 200");
      break;
    }
    if (!refusal.why.empty()) break;
  }
  if (!refusal.why.empty()) {
    co_await observe(refusal);
    co_return false;
  }
  const auto passed = [](WriteIntent& open) { open.dry_run_passed = true; };
  auto kept = co_await keep_progress(intent.op_id, passed);
  co_return kept.has_value();
}

asio::awaitable<bool> Switchover::write_node(WriteIntent intent, std::vector<ObservedNode> nodes,
                                             NodeWriteStep next) {
  const RouteWrite write = route_write(intent, next.mode);
  const std::string key = write_key(intent, next.node, next.mode);
  const std::string etag = find(nodes, next.node).etag;
  const StillWanted wanted = while_open(intent);
  const WriteResult result =
      co_await relay()->write_route(next.node, domain_, write, etag, key, false, wanted);
  if (!is_open(intent)) co_return writing();
  const bool reached =
      result.outcome == WriteOutcome::in_force || result.outcome == WriteOutcome::durable;
  if (reached) co_return true;  // believed only when it is read back
  const std::string why = result.error ? result.error->text() : "no answer";
  if (result.outcome == WriteOutcome::refused) {
    const std::string attempt = fmt::format("{}/{}", next.node, to_text(next.mode));
    const auto refused = [attempt](WriteIntent& open) { ++open.refusals[attempt]; };
    (void)co_await keep_progress(intent.op_id, refused);
    // A node on the way back that does not take split is written to directly.
    if (intent.target != Mode::hosted && next.mode == Mode::split) co_return true;
  }
  WaitStep step;
  step.node = next.node;
  step.why = why;
  co_await wait_for(intent, step);
  co_return false;
}

asio::awaitable<bool> Switchover::drive_write() {
  if (!kept_.intent || relay() == nullptr) co_return false;
  const WriteIntent intent = *kept_.intent;
  const std::uint64_t ground = ground_;
  const std::vector<ObservedNode> nodes = co_await observe_nodes();
  if (!is_open(intent)) co_return writing();  // from what was read before it nothing is planned
  NodeWritten progress;
  progress.op_id = intent.op_id;
  progress.done = nodes_done(intent, nodes);
  progress.total = static_cast<int>(intent.nodes.size());
  progress.node = "the relay";
  const bool moved = kept_.machine.writing && kept_.machine.writing->done != progress.done;
  if (moved) {
    stuck_tries_ = 0;
    co_await observe(progress);
    if (!is_open(intent)) co_return writing();
  }
  const NextStep next = next_write(intent, nodes, kept_.known_ops);
  if (std::holds_alternative<DryRunStep>(next)) co_return co_await dry_run_all(intent, nodes);
  if (const auto* write = std::get_if<NodeWriteStep>(&next)) {
    const NodeWriteStep step = *write;
    co_return co_await write_node(intent, nodes, step);
  }
  if (const auto* wait = std::get_if<WaitStep>(&next)) {
    const WaitStep step = *wait;
    co_await wait_for(intent, step);
    co_return false;
  }
  if (const auto* foreign = std::get_if<ForeignStep>(&next)) {
    ForeignWrite event;
    event.node = foreign->node;
    event.why = foreign->why;
    co_await observe_on(ground, event);
    co_return false;
  }
  AllInForce done;
  done.op_id = intent.op_id;
  done.mode = intent.target;
  co_await observe(done);
  co_return false;
}

}  // namespace mxswitch::orchestrator
