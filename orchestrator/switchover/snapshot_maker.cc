// Composes the snapshot that every view renders.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/snapshot_news.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr Duration kAgesEvery = seconds(45);  // less than views call stale

std::string desired_mode(const MachineState& s) {
  if (s.writing) return std::string(to_text(s.writing->target));
  switch (s.state) {
    case State::hosted:
    case State::verifying:
    case State::switching:
    case State::final_:
      return "hosted";
    case State::held:
      return "hold";
    default:
      return std::string(to_text(s.base));
  }
}

std::string observed_mode(const std::vector<RelayNodeView>& nodes) {
  std::string mode;
  for (const RelayNodeView& node : nodes) {
    if (node.mode.empty()) return "unknown";
    if (!mode.empty() && mode != node.mode) return "differs";
    mode = node.mode;
  }
  return mode.empty() ? "unknown" : mode;
}

// Of what waits for a command's moment, the operator's gate comes first.
std::string armed_text(const std::vector<GateResult>& gates, const Armed& armed, Time now) {
  for (const GateResult& gate : gates) {
    if (gate.id == "operator" && !gate.open()) {
      return fmt::format("{}: {}; the command holds until {}", people_of(gate.turn), gate.why,
                         format_moment(armed.at + kArmedFor, now));
    }
  }
  const std::string closed = closed_text(gates, now);
  return closed.empty() ? "time: the last judgement before the write" : closed;
}

FreezeView freeze_view(const Freeze& freeze, Time now) {
  FreezeView view;
  view.author = freeze.author;
  view.reason = freeze.reason;
  if (freeze.since != Time{}) view.since = freeze.since;
  view.by_rollback = freeze.by_rollback;
  view.text = to_text(freeze, now);
  return view;
}

std::optional<Time> next_change(const std::vector<GateResult>& gates) {
  std::optional<Time> latest;
  for (const GateResult& gate : gates) {
    if (gate.open() || !gate.earliest) continue;
    if (!latest || *gate.earliest > *latest) latest = gate.earliest;
  }
  return latest;
}

// Nothing of the DNS can be waited for before the change; what people can do meanwhile can.
std::string not_changed_text(const std::vector<GateResult>& gates, Time now) {
  std::vector<GateResult> others;
  for (const GateResult& gate : gates) {
    if (gate.turn == Turn::operator_) others.push_back(gate);
  }
  std::string text = "the customer: to change MX, no authority answers with the new set yet";
  const std::string meanwhile = closed_text(others, now);
  return meanwhile.empty() ? text : text + "; meanwhile " + meanwhile;
}

}  // namespace

RelayView Switchover::relay_view() const {
  RelayView view;
  view.desired = desired_mode(kept_.machine);
  if (!plan_) return view;
  view.name = plan_->relay;
  view.driver = parts_.driver ? parts_.driver(plan_->relay) : "native";
  if (RelayControl* control = relay()) {
    for (const RelayNode& node : control->nodes()) {
      const auto found = node_views_.find(node.id);
      RelayNodeView shown;
      shown.id = node.id;
      shown.error = "not read yet";
      view.nodes.push_back(found == node_views_.end() ? shown : found->second);
      view.generation = std::max(view.generation, view.nodes.back().generation);
    }
  }
  view.observed = observed_mode(view.nodes);
  return view;
}

RosterView Switchover::roster_view() const {
  RosterView view;
  view.missing_accounts = facts_.roster.missing_accounts;
  view.missing_aliases = facts_.roster.missing_aliases;
  view.extra_accounts = facts_.roster.extra_accounts;
  view.extra_aliases = facts_.roster.extra_aliases;
  view.uncovered = facts_.roster.uncovered;
  view.digest = facts_.roster.digest;
  if (plan_) {
    view.accounts_file = plan_->accounts_file;
    view.aliases_file = plan_->aliases_file;
  }
  return view;
}

// For whom, until when, and why.
std::string Switchover::waiting_for(const Snapshot& shot) const {
  const MachineState& s = kept_.machine;
  if (!plan_error_.empty() && !plan_) return plan_error_;
  if (!plan_) return "you: a plan: mxswitch plan apply FILE";
  if (s.frozen && waits_for_switch(s.state)) {
    return fmt::format("you: {}; {}", to_text(*s.frozen, shot.at), unfreeze_command(domain_));
  }
  const bool under_way = s.state == State::switching || s.state == State::rolling_back ||
                         s.state == State::held || s.state == State::final_;
  if (shot.fault && !under_way)
    return fmt::format("{}: {}", people_of(shot.fault->turn), shot.fault->text(shot.at));
  switch (s.state) {
    case State::draft:
      if (shot.relay.observed == "hosted") {
        return "nothing: the relay delivers the domain to the hosted side already";
      }
      return fmt::format("time: every node of the relay to be on {}", to_text(s.base));
    case State::forwarding:
      return not_changed_text(*gates_, shot.at);
    case State::propagating: {
      const std::string closed = closed_text(*gates_, shot.at);
      return closed.empty() ? "time: the gates to be judged" : closed;
    }
    case State::ready:
      return fmt::format("you: mxswitch switch {}", domain_);
    case State::armed:
      return armed_text(*gates_, *s.armed, shot.at);
    case State::switching:
    case State::rolling_back:
      return fmt::format("time: the nodes: {}/{} report {} in force{}", s.writing->done,
                         s.writing->total, to_text(s.writing->target),
                         s.writing->stuck ? "; one does not follow" : "");
    case State::verifying:
      return "time: a probe through every node to be read back from the hosted side";
    case State::hosted:
      return fmt::format("the soak to end: mxswitch finalize {}; rollback stays open", domain_);
    case State::final_:
      return "nothing: the move is over";
    case State::held:
      return fmt::format("you: mail is held at the relay; mxswitch rollback {} or abort", domain_);
    case State::aborted:
      return "you: a new plan";
    case State::blocked:
      return fmt::format("you: {}; mxswitch resolve {} adopt|restore", s.blocked_why, domain_);
  }
  return {};
}

Snapshot Switchover::compose() const {
  Snapshot shot;
  const MachineState& s = kept_.machine;
  shot.domain = domain_;
  shot.generation = s.generation;
  shot.state = s.state;
  shot.state_since = s.since;
  shot.at = parts_.clock.now();
  if (!facts_.reports.empty()) {
    shot.report = *facts_.reports.front();
    for (std::size_t i = 1; i < facts_.reports.size(); ++i)
      shot.other_owners.push_back(*facts_.reports[i]);
  } else if (plan_) {
    shot.report.owner = plan_->owners.front().owner;
    shot.report.expected = plan_->owners.front().expected;
  }
  for (const SpfFacts& spf : facts_.spf) {
    if (spf.observed_at == Time{}) continue;
    if (&spf == &facts_.spf.front())
      shot.spf = spf.matrix;
    else
      shot.other_spf.push_back(spf.matrix);
  }
  shot.gates = *gates_;
  shot.blocked_by = closed_gates(*gates_, true);
  shot.next_change_at = next_change(*gates_);
  shot.relay = relay_view();
  shot.plan_digest = s.digest;
  shot.frozen = s.frozen.has_value();
  if (s.frozen) shot.freeze = freeze_view(*s.frozen, shot.at);
  shot.fault = fault_of(shot);
  shot.turn = turn_of(shot);
  shot.waiting_for = waiting_for(shot);
  if (s.writing) {
    shot.operation = fmt::format("{} {}/{}", to_text(s.state), s.writing->done, s.writing->total);
  }
  shot.overrides = kept_.overrides;
  shot.waivers = kept_.waivers;
  if (s.armed) shot.approvals = s.armed->approvals;
  shot.roster = roster_view();
  shot.contact = contacts_;
  shot.history = kept_.history;
  return shot;
}

// What is judged is large, and kept once: in what is shown.
void Switchover::share_with(const SnapshotPtr& shown) {
  gates_ = {shown, &shown->gates};
  for (std::size_t i = 0; i < facts_.reports.size(); ++i)
    facts_.reports[i] = {shown, i == 0 ? &shown->report : &shown->other_owners[i - 1]};
}

// Who reads is told of what is said anew. Ages, and what moves with the clock, are taken along
// every now and then, so that an open page does not fall behind what is known.
void Switchover::publish() {
  auto shot = std::make_shared<Snapshot>(compose());
  const News news = shown_ ? news_between(*shown_, *shot) : News::meaning;
  ages_moved_ = ages_moved_ || news == News::ages;
  const bool tell = news == News::meaning || (ages_moved_ && shot->at - told_at_ >= kAgesEvery);
  if (tell) {
    ++sequence_;
    told_at_ = shot->at;
    ages_moved_ = false;
  }
  shot->sequence = sequence_;
  shown_ = std::move(shot);
  share_with(shown_);
  tell ? parts_.board.publish(shown_) : parts_.board.refresh(shown_);
}

}  // namespace mxswitch::orchestrator
