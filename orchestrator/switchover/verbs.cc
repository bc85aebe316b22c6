// Commands: each becomes an event of the machine and an operation, durable together.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/plan/digest.h"
#include "orchestrator/switchover/arguments.h"
#include "orchestrator/switchover/relay_fault.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

constexpr Duration kOverrideFor = std::chrono::hours(24);

std::string request_digest(const Command& command) {
  return sha256_hex(command.verb + "\n" + json_text(command.arguments) + "\n" + command.if_match);
}

// Told in every state: a person who waits should not learn of a wrong digest at READY.
std::optional<Refusal> digest_fault(const std::string& given, const std::string& digest,
                                    const std::string& domain) {
  if (matches_digest(given, digest)) return std::nullopt;
  if (given.size() < kDigestPrefix) {
    return usage(domain,
                 fmt::format("\"{}\" is too short for a plan's digest: {} characters are needed",
                             given, kDigestPrefix),
                 "add --plan " + digest.substr(0, 12));
  }
  return Refusal{
      Error{Fault::stale,
            fmt::format("the plan's digest is {}, not {}",
                        digest.substr(0, std::max<std::size_t>(12, given.size())), given),
            domain, "look at the plan again; nothing overrides this"},
      3};
}

}  // namespace

json Switchover::blocked_by() const {
  json list = json::array();
  for (const GateResult& gate : *gates_) {
    if (gate.open() || gate.id == "operator") continue;
    json entry = {{"gate", gate.id}, {"verdict", to_text(gate.verdict)}, {"why", gate.why}};
    if (gate.earliest) entry["earliest"] = format_time(*gate.earliest);
    list.push_back(std::move(entry));
  }
  return list;
}

Operation Switchover::refused(Operation operation, const Refusal& refusal) const {
  operation.status = "refused";
  operation.exit_code = refusal.exit_code;
  const std::string why = refusal.error.text();
  operation.detail["why"] = why;
  operation.detail["text"] = why;
  if (operation.verb == "switch") {
    operation.detail["blocked_by"] = blocked_by();
  }
  return operation;
}

// Applies the event; the operation is accepted with it, or refused and not kept.
asio::awaitable<Result<Operation>> Switchover::settle(Command command, Operation operation,
                                                      Event event, Extras extras) {
  extras.key = command.idempotency_key.empty() ? operation.id : command.idempotency_key;
  extras.request = request_digest(command);
  extras.operation = operation;
  auto applied = co_await apply(std::move(event), extras);
  if (!applied) {
    if (applied.error().error.fault == Fault::unavailable ||
        applied.error().error.fault == Fault::internal) {
      co_return tl::unexpected(applied.error().error);
    }
    co_return refused(operation, applied.error());
  }
  co_return operation;
}

asio::awaitable<Result<void>> Switchover::keep_done(Command command, Operation operation,
                                                    Extras extras) {
  extras.key = command.idempotency_key.empty() ? operation.id : command.idempotency_key;
  extras.request = request_digest(command);
  extras.operation = operation;
  const Turns::Turn turn = co_await turns_.take();
  JournalStep step = journal_step(kept_.machine, extras);
  auto kept = co_await commit(step);
  if (kept) adopt(step, extras);
  co_return kept;
}

asio::awaitable<Result<Operation>> Switchover::execute(Command command) {
  const std::string key = command.idempotency_key;
  if (!key.empty()) {
    const auto work = [domain = domain_, key](monitor::Transaction& tx) {
      return find_by_key(tx, domain, key);
    };
    auto kept = co_await parts_.database.transact(work);
    if (!kept) co_return tl::unexpected(kept.error());
    if (*kept) {
      if ((*kept)->request == request_digest(command)) co_return (*kept)->operation;
      co_return fail(Fault::conflict, "this Idempotency-Key was used for another command", domain_,
                     "use a new key");
    }
  }
  Operation operation;
  operation.id = random_uuid();
  operation.domain = domain_;
  operation.verb = command.verb;
  operation.status = "done";
  operation.detail = json::object();
  operation.detail["text"] = fmt::format("{} {}: done", command.verb, domain_);
  if (!plan_ && command.verb != "plan") {
    co_return refused(operation,
                      usage(domain_, plan_error_.empty() ? "the domain has no plan" : plan_error_,
                            "give one: mxswitch plan apply FILE"));
  }
  co_return co_await run_verb(std::move(command), std::move(operation));
}

asio::awaitable<Result<Operation>> Switchover::run_verb(Command command, Operation operation) {
  const std::string verb = command.verb;
  if (verb == "plan") return plan_verb(std::move(command), std::move(operation));
  if (verb == "switch") return switch_verb(std::move(command), std::move(operation));
  if (verb == "rollback") return rollback_verb(std::move(command), std::move(operation));
  if (verb == "resolve") return resolve_verb(std::move(command), std::move(operation));
  if (verb == "override") return override_verb(std::move(command), std::move(operation));
  if (verb == "waive") return waive_verb(std::move(command), std::move(operation));
  if (verb == "unwaive") return unwaive_verb(std::move(command), std::move(operation));
  if (verb == "finalize") return finalize_verb(std::move(command), std::move(operation));
  if (verb == "roster") return roster_verb(std::move(command), std::move(operation));
  if (verb == "alert") return alert_verb(std::move(command), std::move(operation));
  return simple_verb(std::move(command), std::move(operation));
}

asio::awaitable<Result<Operation>> Switchover::plan_verb(Command command, Operation operation) {
  const Turns::Turn one_at_a_time = co_await files_.take();
  const std::string plan_text = text(command, "plan");
  std::string name = text(command, "name");
  if (name.empty()) name = "plan";
  if (plan_text.empty()) {
    co_return refused(operation, usage(domain_, "the command holds no plan", "send its text"));
  }
  json baseline = json::object();
  for (const auto& [id, d] : node_domains_) {
    baseline[id] = {{"forward", d.forward.value_or("")}, {"hosted", d.hosted}};
  }
  const std::int64_t generation = generation_of_next_plan(kept_.machine);
  auto view = parts_.read_plan(plan_text, name, generation, baseline);
  if (!view) co_return refused(operation, Refusal{view.error(), 2});
  if (parts_.relay_names) {
    if (auto wrong = relay_fault(*view, *parts_.relay_names)) {
      co_return refused(operation, Refusal{*wrong, 2});
    }
  }
  if (view->gate.domain != domain_) {
    co_return refused(operation,
                      usage(domain_, fmt::format("the plan is of {}", view->gate.domain)));
  }
  PlanGiven event;
  event.author = command.author;
  event.digest = view->gate.digest;
  event.base = view->base();
  // A relay that was first read after the plan makes another digest of the same text.
  if (plan_text == kept_.plan_text && generation == kept_.machine.generation) {
    event.digest = kept_.machine.digest;
  }
  const PlanView before = plan_ ? *plan_ : PlanView{};
  Extras extras;
  extras.plan_text = plan_text;
  extras.plan_name = name;
  extras.plan = *view;
  operation.detail["digest"] = event.digest;
  operation.detail["text"] =
      fmt::format("{}: plan {} is in force", domain_, event.digest.substr(0, 12));
  auto result = co_await settle(command, operation, event, extras);
  if (!result || result->status != "done") co_return result;
  auto taken = co_await take_plan();
  for (const monitor::PropagationInput& old : before.owners) {
    const bool kept = std::ranges::any_of(
        plan_->owners, [&](const auto& owner) { return owner.owner == old.owner; });
    if (!kept) parts_.reports.forget(old.owner);
  }
  if (!taken) co_return tl::unexpected(taken.error());
  gather_anew();
  publish();
  co_return result;
}

// What was asked for another plan's servers; the relay's own reads stay until the next look.
void Switchover::forget_facts() {
  looks_.forget();
  gates_ = std::make_shared<const std::vector<GateResult>>();
  dependences_.clear();
  facts_.contact = {};
  facts_.old_server = {};
  facts_.mta_sts = {};
  facts_.outbound = {};
  facts_.flow.addresses.clear();
  facts_.relay.exchanges.clear();
  facts_.relay.exchange_aliases.clear();
  facts_.relay.loops.clear();
  facts_.relay.exchanges_error.clear();
  facts_.relay.exchanges_at = facts_.relay.dry_run_at = Time{};
  old_server_probes_.clear();
}

asio::awaitable<Result<Operation>> Switchover::switch_verb(Command command, Operation operation) {
  SwitchCommand event;
  event.op_id = operation.id;
  event.author = command.author;
  event.reason = text(command, "reason");
  const std::string given =
      text(command, "plan").empty() ? command.if_match : text(command, "plan");
  if (given.empty()) {
    co_return refused(operation, usage(domain_, "the command does not say which plan it means",
                                       "add --plan " + kept_.machine.digest.substr(0, 12)));
  }
  if (const auto fault = digest_fault(given, kept_.machine.digest, domain_)) {
    co_return refused(operation, *fault);
  }
  event.digest = kept_.machine.digest;
  if (flag(command, "dry_run")) {
    co_await judge(kept_.machine.state != State::armed);
    auto would = advance(kept_.machine, event, parts_.clock.now());
    if (!would) co_return refused(operation, would.error());
    json steps = json::array();
    for (const Mode mode : {Mode::split, Mode::hosted}) {
      for (const RelayNode& node : relay()->nodes()) {
        steps.push_back(fmt::format("{}: {}", node.id, to_text(mode)));
      }
    }
    operation.detail["would_write"] = steps;
    operation.detail["text"] = fmt::format(
        "{}: every gate is open; would write split, then hosted, on {} nodes; nothing "
        "was changed",
        domain_, relay()->nodes().size());
    co_return operation;
  }
  operation.status = "accepted";
  operation.detail["text"] = fmt::format("{}: the switch was accepted", domain_);
  Extras extras;
  co_return co_await settle(command, operation, event, extras);
}

asio::awaitable<Result<Operation>> Switchover::rollback_verb(Command command, Operation operation) {
  RollbackCommand event;
  event.op_id = operation.id;
  event.author = command.author;
  event.reason = text(command, "reason");
  const std::string to = text(command, "to");
  const auto mode = mode_from(to.empty() ? "forward" : to);
  event.to = mode.value_or(Mode::split);
  const bool possible = advance(kept_.machine, event, parts_.clock.now()).has_value();
  if (possible && event.to == Mode::forward && relay() != nullptr &&
      kept_.machine.state != State::armed) {
    const std::string silent = co_await ask_old_server();
    if (!silent.empty()) {
      event.note =
          fmt::format("the old server does not take mail now ({}): it waits in the queue", silent);
      operation.detail["warning"] =
          event.note + fmt::format("; mxswitch rollback {} --to hold holds it instead", domain_);
    }
  }
  operation.status = "accepted";
  operation.detail["text"] =
      fmt::format("{}: rolling back to {}", domain_, to_text(event.to)) +
      (event.note.empty() ? "" : "; " + operation.detail["warning"].get<std::string>());
  Extras extras;
  if (kept_.machine.state == State::blocked && relay() != nullptr) {
    // The person who rolls back has seen what the foreign writer did; it is overwritten.
    co_await refresh_relay();
    for (const auto& [id, d] : node_domains_) extras.known_ops.push_back(d.op_id.value_or(""));
  }
  auto done = co_await settle(command, operation, event, extras);
  // By the state in which it was accepted: a switch that waited is taken back at once.
  const bool writes = kept_.machine.writing && kept_.machine.writing->op_id == operation.id;
  if (done && done->status == "accepted" && !writes) {
    done->status = "done";
    done->detail["text"] =
        fmt::format("{}: the pending switch was taken back; nothing was written", domain_);
  }
  co_return done;
}

asio::awaitable<Result<Operation>> Switchover::resolve_verb(Command command, Operation operation) {
  const std::string how = text(command, "how");
  if (how != "adopt" && how != "restore") {
    co_return refused(operation, usage(domain_, "resolve needs \"adopt\" or \"restore\""));
  }
  if (kept_.machine.state == State::blocked) {
    co_await refresh_relay();
    co_await judge(false);
  }
  ResolveCommand event;
  event.op_id = operation.id;
  event.author = command.author;
  event.reason = text(command, "reason");
  event.adopt = how == "adopt";
  event.closed = closed_gates(*gates_, false);
  bool same = !facts_.relay.nodes.empty();
  for (const RelayNodeFacts& node : facts_.relay.nodes) {
    same = same && node.mode && node.mode == facts_.relay.nodes.front().mode;
  }
  if (same) event.observed = facts_.relay.nodes.front().mode;
  // Only adopting hosted asks for the gates.
  if (event.adopt && event.observed == Mode::hosted && !event.closed.empty()) {
    operation.detail["blocked_by"] = blocked_by();
  }
  Extras extras;
  // What stands there now is known from here on, whichever way it is resolved.
  for (const auto& [id, d] : node_domains_) extras.known_ops.push_back(d.op_id.value_or(""));
  operation.status = event.adopt ? "done" : "accepted";
  operation.detail["text"] = fmt::format("{}: {} it is", domain_, how);
  co_return co_await settle(command, operation, event, extras);
}

asio::awaitable<Result<Operation>> Switchover::override_verb(Command command, Operation operation) {
  const Time now = parts_.clock.now();
  OverrideCommand event;
  event.author = command.author;
  event.reason = text(command, "reason");
  event.gate = text(command, "gate");
  if (!is_gate(event.gate)) {
    co_return refused(operation, usage(domain_, fmt::format("\"{}\" is no gate", event.gate),
                                       "see mxswitch gates"));
  }
  const auto end = end_of(command, now);
  if (!end) co_return refused(operation, Refusal{end.error(), 2});
  event.expires_at = end->value_or(now + kOverrideFor);
  event.digest = kept_.machine.digest;
  Extras extras;
  extras.override_ =
      Override{event.gate, event.reason, event.author, kept_.machine.digest, now, event.expires_at};
  operation.detail["text"] = fmt::format("{}: gate {} is overridden until {}", domain_, event.gate,
                                         format_time(event.expires_at));
  co_return co_await settle(command, operation, event, extras);
}

asio::awaitable<Result<Operation>> Switchover::finalize_verb(Command command, Operation operation) {
  FinalizeCommand event;
  event.author = command.author;
  event.reason = text(command, "reason");
  if (relay() != nullptr) {
    const std::vector<RelayNode> nodes = relay()->nodes();
    for (const RelayNode& node : nodes) {
      auto queue = co_await relay()->read_queue(node.id, domain_);
      if (!queue) {
        event.hindrance =
            fmt::format("{} does not tell its queue: {}", node.id, queue.error().text());
      } else if (queue->accepted_before_route > 0) {
        event.hindrance = fmt::format("{} queues {} messages accepted before the switch", node.id,
                                      queue->accepted_before_route);
      }
    }
  }
  Extras extras;
  operation.detail["text"] = fmt::format("{}: final", domain_);
  co_return co_await settle(command, operation, event, extras);
}

asio::awaitable<Result<Operation>> Switchover::simple_verb(Command command, Operation operation) {
  const std::string reason = text(command, "reason");
  Extras extras;
  Event event = TimePassed{};
  if (command.verb == "abort") {
    event = AbortCommand{command.author, reason};
  } else if (command.verb == "freeze") {
    event = FreezeCommand{command.author, reason};
  } else if (command.verb == "unfreeze") {
    event = UnfreezeCommand{command.author, reason};
  } else if (command.verb == "approve") {
    event = ApproveCommand{command.author};
  } else if (command.verb == "verify") {
    // Only where no probe can look does a person's word stand for it.
    const bool by_hand = parts_.driver && parts_.driver(plan_->relay) == "manual";
    event = VerifyCommand{command.author, by_hand ? reason : std::string()};
  } else {
    co_return refused(operation,
                      usage(domain_, fmt::format("unknown command \"{}\"", command.verb)));
  }
  co_return co_await settle(command, operation, event, extras);
}

}  // namespace mxswitch::orchestrator
