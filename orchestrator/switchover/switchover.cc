// The steps that are made durable: state, records and intents change here and nowhere else.

#include "orchestrator/switchover/switchover.h"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/ready_text.h"
#include "orchestrator/switchover/waivers.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {

constexpr std::size_t kHistoryShown = 200;

Intervals Intervals::at_pace_of(const monitor::Policy& policy) const {
  const auto scaled = [&](Duration d) {
    if (policy.authority_poll >= seconds(30)) return d;
    const auto paced = Duration(d.count() * policy.authority_poll.count() / 30000);
    return std::clamp<Duration>(paced, std::min<Duration>(d, seconds(1)), d);
  };
  Intervals i = *this;
  i.relay = scaled(relay);
  i.dry_run = scaled(dry_run);
  i.old_server = scaled(old_server);
  i.flow_probe = scaled(flow_probe);
  i.outside = scaled(outside);
  i.rest_judge = scaled(rest_judge);
  i.rest_flow = scaled(rest_flow);
  i.rest_contacts = scaled(rest_contacts);
  i.rest_dry_run = scaled(rest_dry_run);
  return i;
}

Switchover::Switchover(SwitchoverParts parts, std::string domain)
    : parts_(std::move(parts)),
      domain_(std::move(domain)),
      intervals_(parts_.intervals),
      turns_(parts_.loop),
      files_(parts_.loop) {
  kept_.machine.domain = domain_;
}

asio::awaitable<Result<void>> Switchover::load() {
  const auto work = [domain = domain_](monitor::Transaction& tx) {
    return read_journal(tx, domain);
  };
  auto kept = co_await parts_.database.transact(work);
  if (!kept) co_return tl::unexpected(kept.error());
  if (*kept) kept_ = std::move(**kept);
  Result<void> taken;
  if (!kept_.plan_text.empty()) taken = co_await take_plan();
  if (!taken) plan_error_ = taken.error().text();
  verify_now_ = kept_.machine.state == State::verifying;
  began_at_ = parts_.clock.now();
  publish();
  co_return taken;
}

// What the plan in force means for everything that is watched.
asio::awaitable<Result<void>> Switchover::take_plan() {
  auto view = parts_.read_plan(kept_.plan_text, kept_.plan_name, kept_.machine.generation, {});
  if (!view) co_return tl::unexpected(view.error());
  plan_ = std::move(*view);
  plan_error_.clear();
  forget_facts();  // before anything is judged by the new plan
  // The digest was fixed when the plan was given, with the relay as it was then.
  plan_->gate.digest = kept_.machine.digest;
  const std::string driver = parts_.driver ? parts_.driver(plan_->relay) : "native";
  plan_->gate.has_relay = relay() != nullptr && driver != "none";
  intervals_ = parts_.intervals.at_pace_of(plan_->gate.policy);
  auto watched = co_await watch_owners();
  if (!watched) co_return tl::unexpected(watched.error());
  for (const Waiver& waiver : kept_.waivers) {
    for (const monitor::PropagationInput& input : plan_->owners) {
      if (input.owner.text() != waiver.owner) continue;
      (void)parts_.reports.waive(input.owner, waiver.resolver, waiver.reason, waiver.until);
    }
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Switchover::watch_owners() {
  const bool sentinels = wants_sentinels();
  for (std::size_t i = 0; i < plan_->owners.size(); ++i) {
    std::optional<monitor::SpfMove> spf;
    if (i < plan_->spf.size()) spf = plan_->spf[i];
    monitor::PropagationInput input = plan_->owners[i];
    if (sentinels) input.policy = monitor::sentinel_policy(input.policy);
    auto watched = co_await parts_.reports.watch(input, spf);
    if (!watched) co_return tl::unexpected(watched.error());
  }
  sentinels_ = sentinels;
  co_return Result<void>();
}

RelayControl* Switchover::relay() const {
  return plan_ && parts_.relay ? parts_.relay(plan_->relay) : nullptr;
}

WriteIntent Switchover::make_intent(const BeginWriteEffect& effect) const {
  WriteIntent intent;
  intent.op_id = effect.op_id;
  intent.domain = domain_;
  intent.reason = effect.reason;
  intent.target = effect.target;
  intent.dry_run = effect.dry_run;
  intent.roster_digest = facts_.roster.digest;
  const bool grace = plan_ && plan_->unknown_grace > Duration(0);
  intent.unknown = grace ? UnknownNames::defer : UnknownNames::reject;
  intent.made_at = parts_.clock.now();
  if (RelayControl* control = relay()) {
    for (const RelayNode& node : control->nodes()) intent.nodes.push_back(node.id);
  }
  return intent;
}

// With what the machine does not know: evidence, and where to look.
void Switchover::complete(AlertEffect& alert) const {
  if (alert.kind == "ready") {
    const ReadyText words = ready_text(domain_, facts_.reports, *gates_);
    alert.line = words.line;
    alert.body = words.body;
  } else if (alert.kind == "mx-changed" && !facts_.reports.empty()) {
    alert.body = drain_text(*facts_.reports.front()) + alert.body;
  }
  if (!parts_.public_url.empty()) {
    alert.body += fmt::format("\nLook: {}/d/{}", parts_.public_url, domain_);
  }
}

void Switchover::add_effects(JournalStep& step, const std::vector<Effect>& effects) {
  for (const Effect& effect : effects) {
    if (const auto* audit = std::get_if<AuditEffect>(&effect)) {
      step.audit.push_back({step.at, audit->who, audit->what, audit->why, audit->evidence});
    } else if (const auto* alert = std::get_if<AlertEffect>(&effect)) {
      step.alerts.push_back(*alert);
      complete(step.alerts.back());
    } else if (const auto* withdraw = std::get_if<WithdrawAlertsEffect>(&effect)) {
      step.withdrawn.push_back(withdraw->op_id);
    } else if (const auto* begin = std::get_if<BeginWriteEffect>(&effect)) {
      step.intent = make_intent(*begin);
    } else if (const auto* done = std::get_if<FinishOperationEffect>(&effect)) {
      step.finished.push_back(*done);
    }
  }
}

JournalStep Switchover::journal_step(const MachineState& next, const Extras& extras) const {
  JournalStep step;
  step.state = next;
  step.revision = kept_.revision;
  step.at = parts_.clock.now();
  const PlanView* plan = extras.plan ? &*extras.plan : plan_ ? &*plan_ : nullptr;
  if (plan != nullptr) step.targets = plan->targets;
  step.plan_text = extras.plan_text;
  step.plan_name = extras.plan_name;
  step.wanted_roster = extras.wanted_roster;
  step.override_ = extras.override_;
  step.waiver = extras.waiver;
  step.unwaived = extras.unwaived;
  step.operation = extras.operation;
  step.operation_key = extras.key;
  step.operation_request = extras.request;
  step.known_ops = extras.known_ops;
  if (extras.note) step.audit.push_back(*extras.note);
  return step;
}

namespace {

bool same_ground(const MachineState& a, const MachineState& b) {
  const bool same_state =
      a.state == b.state || (waits_for_switch(a.state) && waits_for_switch(b.state));
  return same_state && a.digest == b.digest && a.generation == b.generation;
}

}  // namespace

// What is durable now becomes what is true here.
void Switchover::adopt(const JournalStep& step, const Extras& extras) {
  const bool other_write =
      step.close_intent ||
      (step.intent && (!kept_.intent || kept_.intent->op_id != step.intent->op_id));
  if (other_write || !same_ground(kept_.machine, step.state)) {
    ++ground_;
    verifying_.reset();  // its probes were for another write
  }
  fact_moved();
  kept_.machine = step.state;
  kept_.revision = step.revision + 1;
  if (step.plan_text) kept_.plan_text = *step.plan_text;
  if (step.plan_name) kept_.plan_name = *step.plan_name;
  if (step.wanted_roster) kept_.wanted_roster = *step.wanted_roster;
  if (step.close_intent) kept_.intent.reset();
  if (step.intent) {
    kept_.intent = step.intent;
    kept_.known_ops.insert(step.intent->op_id);
    stuck_tries_ = 0;
    write_due_ = Time{};
  }
  for (const std::string& op : step.known_ops) kept_.known_ops.insert(op);
  if (step.override_) kept_.overrides.push_back(*step.override_);
  std::vector<WaiverKey> replaced = extras.unwaived;
  if (extras.waiver) replaced.push_back(key_of(*extras.waiver));
  std::erase_if(kept_.waivers, [&](const Waiver& w) {
    return std::ranges::find(replaced, key_of(w)) != replaced.end();
  });
  if (extras.waiver) kept_.waivers.push_back(*extras.waiver);
  for (const HistoryEntry& entry : step.audit) kept_.history.push_back(entry);
  if (kept_.history.size() > kHistoryShown) {
    kept_.history.erase(kept_.history.begin(),
                        kept_.history.end() - static_cast<std::ptrdiff_t>(kHistoryShown));
  }
}

asio::awaitable<Result<void>> Switchover::commit(JournalStep step) {
  const auto work = [step = std::move(step)](monitor::Transaction& tx) { write_step(tx, step); };
  co_return co_await parts_.database.transact(work);
}

asio::awaitable<Switchover::Applied> Switchover::apply(Event event, Extras extras) {
  const Turns::Turn turn = co_await turns_.take();
  if (extras.ground && *extras.ground != ground_) co_return Applied();
  auto next = advance(kept_.machine, event, parts_.clock.now());
  if (!next) co_return tl::unexpected(next.error());
  // Also of those that were given while this waited for its turn.
  if (extras.plan && plan_) extras.unwaived = ended_waivers(kept_.waivers, *plan_, *extras.plan);
  const bool command = event.index() < kCommandKinds;
  if (!command && next->effects.empty()) {
    kept_.machine = next->state;  // what only the newest judgement says is not worth a row
    co_return Applied();
  }
  JournalStep step = journal_step(next->state, extras);
  add_effects(step, next->effects);
  if (step.intent && step.state.writing) {
    step.state.writing->total = static_cast<int>(step.intent->nodes.size());
  }
  const State state = next->state.state;
  const bool writes = state == State::switching || state == State::rolling_back;
  step.close_intent = kept_.intent.has_value() && !writes;
  const bool operation_done = extras.operation && extras.operation->status == "done";
  if (operation_done) step.operation->detail["state"] = to_text(state);
  auto kept = co_await commit(step);
  if (!kept) co_return tl::unexpected(Refusal{kept.error(), 1});
  adopt(step, extras);
  for (const Effect& effect : next->effects) {
    if (std::holds_alternative<JudgeNowEffect>(effect)) judge_now_ = true;
    if (std::holds_alternative<VerifyNowEffect>(effect)) verify_now_ = true;
  }
  if (verify_now_) verify_due_ = Time{};
  if (!step.alerts.empty() && parts_.alert_queued) parts_.alert_queued();
  publish();
  wake();
  co_return Applied();
}

// A journal that can't be written keeps the old state: the next tick tries again.
asio::awaitable<void> Switchover::observe(Event event) {
  return observe_on(std::nullopt, std::move(event));
}

asio::awaitable<void> Switchover::observe_on(std::optional<std::uint64_t> ground, Event event) {
  Extras extras;
  extras.ground = ground;
  auto applied = co_await apply(std::move(event), extras);
  if (!applied) {
    plan_error_ = applied.error().error.text();
    publish();
  }
}

// A change of the intent that is open now, not of a copy that was read before others could write.
asio::awaitable<Result<void>> Switchover::keep_progress(std::string op_id,
                                                        std::function<void(WriteIntent&)> change) {
  const Turns::Turn turn = co_await turns_.take();
  if (!kept_.intent || kept_.intent->op_id != op_id) {
    co_return fail(Fault::stale, "another operation took over", domain_);
  }
  WriteIntent intent = *kept_.intent;
  change(intent);
  Extras none;
  JournalStep step = journal_step(kept_.machine, none);
  step.intent = intent;
  auto kept = co_await commit(step);
  if (kept) {
    kept_.revision = step.revision + 1;
    kept_.intent = std::move(intent);
  }
  co_return kept;
}

}  // namespace mxswitch::orchestrator
