// What people ask for, state by state. Every refusal says why and what would work instead.

#include <algorithm>

#include "orchestrator/machine/stepping.h"

namespace mxswitch::orchestrator::stepping {
namespace {

constexpr int kUsage = 2, kNotYet = 3, kInFlight = 4, kBlocked = 5, kNothingToChange = 6;

tl::unexpected<Refusal> nothing(const MachineState& s, std::string what) {
  return refuse(s, Fault::blocked, kNothingToChange, std::move(what));
}
tl::unexpected<Refusal> not_yet(const MachineState& s, std::string what, std::string mend = {}) {
  return refuse(s, Fault::blocked, kNotYet, std::move(what), std::move(mend));
}
tl::unexpected<Refusal> in_flight(const MachineState& s, std::string mend = {}) {
  return refuse(s, Fault::conflict, kInFlight, fmt::format("{} is under way", to_text(s.state)),
                std::move(mend));
}
tl::unexpected<Refusal> is_blocked(const MachineState& s) {
  return refuse(
      s, Fault::conflict, kBlocked, "blocked: " + s.blocked_why,
      fmt::format("first: mxswitch resolve {} adopt|restore --reason \"...\"; or roll back",
                  s.domain));
}
tl::unexpected<Refusal> is_frozen(const MachineState& s, Time now) {
  return not_yet(s, to_text(*s.frozen, now), unfreeze_command(s.domain));
}
tl::unexpected<Refusal> no_reason(const MachineState& s) {
  return refuse(s, Fault::usage, kUsage, "a reason is required", "add --reason \"...\"");
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

Advance on(const MachineState& s, const PlanGiven& e, Time now) {
  switch (s.state) {
    case State::draft:
    case State::forwarding:
    case State::propagating:
    case State::ready:
    case State::aborted:
      break;
    case State::armed:
      return not_yet(s, "a switch is armed for the plan in force", "abort it first");
    case State::switching:
    case State::verifying:
    case State::rolling_back:
      return in_flight(s);
    case State::blocked:
      return is_blocked(s);
    default:
      return not_yet(s, fmt::format("{} has its plan", to_text(s.state)),
                     "roll back and abort to begin again");
  }
  if (e.digest == s.digest) return nothing(s, "the plan is the one in force");
  Builder b(s, now);
  b.state().generation = generation_of_next_plan(s);
  if (s.since == Time{}) b.state().since = now;
  b.state().digest = e.digest;
  b.state().base = e.base;
  b.state().authorised.reset();
  b.state().closed.clear();
  b.state().told.clear();
  const std::string what =
      fmt::format("plan {} of generation {}", e.digest.substr(0, 12), b.state().generation);
  if (s.state == State::draft) return b.audit(e.author, what, "a plan was given").take();
  return b.move(State::draft, e.author, what).take();
}

Advance not_switchable(const MachineState& s, Time now) {
  switch (s.state) {
    case State::draft:
    case State::forwarding:
    case State::propagating:
      if (s.frozen) return is_frozen(s, now);
      return not_yet(s,
                     s.closed.empty() ? fmt::format("not ready yet: {}", to_text(s.state))
                                      : fmt::format("not open: {}", joined(s.closed)),
                     "wait for READY, or see mxswitch gates");
    case State::armed:
      return in_flight(s, "a switch is armed already; abort takes it back");
    case State::switching:
    case State::verifying:
    case State::rolling_back:
      return in_flight(s);
    case State::hosted:
    case State::final_:
      return nothing(s, "it is switched already");
    case State::held:
      return not_yet(s, "mail is held at the relay", "roll back to forward first");
    case State::aborted:
      return not_yet(s, "it was aborted", "give a plan again: mxswitch plan apply FILE");
    default:
      return is_blocked(s);
  }
}

Advance on(const MachineState& s, const SwitchCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (s.state != State::ready) return not_switchable(s, now);
  if (s.frozen) return is_frozen(s, now);
  if (e.digest != s.digest) {
    return refuse(s, Fault::stale, kNotYet,
                  fmt::format("the plan's digest is {}, not {}", s.digest.substr(0, 12), e.digest),
                  "look at the plan again; nothing overrides this");
  }
  Builder b(s, now);
  b.state().armed = Armed{e.op_id, e.author, e.reason, e.digest, now, {}};
  b.state().gates_lost = false;
  return b.move(State::armed, e.author, e.reason, "plan " + e.digest.substr(0, 12))
      .effect(JudgeNowEffect{})
      .take();
}

Advance on(const MachineState& s, const AbortCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  switch (s.state) {
    case State::draft:
    case State::forwarding:
    case State::propagating:
    case State::ready:
    case State::armed:
    case State::held:
      break;
    case State::switching:
    case State::verifying:
    case State::hosted:
      return not_yet(s, fmt::format("{} can't be aborted", to_text(s.state)),
                     "roll back: mxswitch rollback");
    case State::rolling_back:
      return in_flight(s);
    case State::blocked:
      return is_blocked(s);
    default:
      return nothing(s, fmt::format("it is {} already", to_text(s.state)));
  }
  Builder b(s, now);
  b.state().authorised.reset();
  return b.disarm(fmt::format("aborted by {}: {}", e.author, e.reason))
      .move(State::aborted, e.author, e.reason)
      .take();
}

Advance start_rollback(const MachineState& s, const RollbackCommand& e, Time now) {
  Builder b(s, now);
  if (s.writing) {
    b.withdraw(s.writing->op_id);
    b.finish(s.writing->op_id, "failed", 1,
             fmt::format("rolled back by {}: {}", e.author, e.reason));
  }
  b.state().authorised.reset();
  b.state().frozen = Freeze{e.author, e.reason, now, true};
  b.state().blocked_from.reset();
  b.state().blocked_why.clear();
  b.state().return_to = e.to == Mode::hold ? State::held : State::forwarding;
  b.move(State::rolling_back, e.author, e.reason,
         e.note.empty() ? fmt::format("to {}", to_text(e.to)) : e.note);
  return b.begin_write(e.op_id, e.author, e.reason, e.to, false).take();
}

Advance on(const MachineState& s, const RollbackCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (e.to != Mode::forward && e.to != Mode::hold) {
    return refuse(s, Fault::usage, kUsage, "a rollback goes to forward or to hold");
  }
  const bool back = s.state == State::switching || s.state == State::verifying ||
                    s.state == State::hosted || s.state == State::blocked ||
                    s.state == State::held || s.state == State::rolling_back;
  if (back && e.to == Mode::forward && s.base == Mode::hold) {
    return not_yet(s, "there is no old server to forward to", "roll back with --to hold");
  }
  if (s.state == State::held && e.to == Mode::hold) return nothing(s, "mail is held already");
  if (s.state == State::rolling_back && s.writing && s.writing->target == e.to) {
    return in_flight(s);
  }
  if (back) return start_rollback(s, e, now);
  if (s.state == State::armed) {
    Builder b(s, now);
    b.state().frozen = Freeze{e.author, e.reason, now, true};
    return b.disarm(fmt::format("taken back by {}: {}", e.author, e.reason))
        .move(State::propagating, e.author, e.reason)
        .tell(telling::taken_back(b.state(), now))
        .finish(e.op_id, "done", 0, "the pending switch was taken back; nothing was written")
        .take();
  }
  if (s.state == State::final_) return not_yet(s, "it is final", "a new plan moves it again");
  return nothing(s, fmt::format("nothing was switched: {}", to_text(s.state)));
}

Advance on(const MachineState& s, const FreezeCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (s.frozen) return nothing(s, "it is frozen already");
  Builder b(s, now);
  b.state().frozen = Freeze{e.author, e.reason, now, false};
  return b.audit(e.author, "freeze", e.reason).take();
}

Advance on(const MachineState& s, const UnfreezeCommand& e, Time now) {
  if (!s.frozen) return nothing(s, "it is not frozen");
  if (e.reason.empty()) return no_reason(s);
  Builder b(s, now);
  b.state().frozen.reset();
  return b.audit(e.author, "unfreeze", e.reason).take();
}

// A permission that was given while another plan came in force was meant for the one before.
Advance other_plan(const MachineState& s) {
  return refuse(s, Fault::stale, kNotYet, "another plan came in force meanwhile",
                "look at the gates again");
}

bool waits_for_gates(State state) {
  return state == State::draft || state == State::forwarding || state == State::propagating ||
         state == State::ready || state == State::armed || state == State::blocked;
}

Advance on(const MachineState& s, const OverrideCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (e.gate == "relay" || e.gate == "operator") {
    return refuse(s, Fault::forbidden, kNotYet, fmt::format("gate {} can't be overridden", e.gate));
  }
  if (e.expires_at <= now)
    return refuse(s, Fault::usage, kUsage, "the override would be over already");
  if (!waits_for_gates(s.state)) {
    return nothing(s, fmt::format("no gate is waited for: {}", to_text(s.state)));
  }
  if (e.digest != s.digest) return other_plan(s);
  return Builder(s, now)
      .audit(e.author, "override " + e.gate, e.reason)
      .tell({"override",
             fmt::format("{}: gate {} was overridden by {} until {}: {}", s.domain, e.gate,
                         e.author, telling::dated(e.expires_at), e.reason),
             "If nobody acts: the gate counts as open until then, for this plan alone."})
      .take();
}

Advance on(const MachineState& s, const WaiveCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (!waits_for_gates(s.state)) {
    return nothing(s, fmt::format("no resolver is waited for: {}", to_text(s.state)));
  }
  if (e.digest != s.digest) return other_plan(s);
  return Builder(s, now)
      .audit(e.author, fmt::format("waive {} for {}", e.resolver, e.owner), e.reason)
      .tell({"waive",
             fmt::format("{}: resolver {} was waived for {} by {}: {}", s.domain, e.resolver,
                         e.owner, e.author, e.reason),
             fmt::format("If nobody acts: it holds the switch back no more. mxswitch unwaive {} {} "
                         "takes it back.",
                         s.domain, e.resolver)})
      .take();
}

// Always allowed: it only takes a permission back.
Advance on(const MachineState& s, const UnwaiveCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  return Builder(s, now)
      .audit(e.author, fmt::format("unwaive {} for {}", e.resolver, e.owner), e.reason)
      .take();
}

Advance on(const MachineState& s, const ApproveCommand& e, Time now) {
  if (s.state != State::armed) return nothing(s, "no switch waits for an approval");
  if (e.author == s.armed->author) {
    return refuse(s, Fault::forbidden, kNotYet, "the author of a switch can't approve it",
                  "somebody else must");
  }
  if (std::ranges::find(s.armed->approvals, e.author) != s.armed->approvals.end()) {
    return nothing(s, fmt::format("{} approved it already", e.author));
  }
  Builder b(s, now);
  b.state().armed->approvals.push_back(e.author);
  return b.audit(e.author, "approve", s.armed->reason).effect(JudgeNowEffect{}).take();
}

Advance adopt(const MachineState& s, const ResolveCommand& e, Time now) {
  if (!e.observed || *e.observed == Mode::split) {
    return not_yet(s, "the nodes do not agree on one mode", "resolve it by restore, or roll back");
  }
  Builder b(s, now);
  const State from = *s.blocked_from;
  b.state().blocked_from.reset();
  b.state().blocked_why.clear();
  const std::string evidence = fmt::format("adopted {}", to_text(*e.observed));
  if (*e.observed == Mode::hosted) {
    if (!e.closed.empty()) {
      return not_yet(
          s, fmt::format("adopting hosted needs every gate; not open: {}", joined(e.closed)),
          "override them by name, or resolve it by restore");
    }
    b.state().authorised = Authorisation{s.digest, s.generation};
    return b.move(State::verifying, e.author, e.reason, evidence).effect(VerifyNowEffect{}).take();
  }
  b.state().authorised.reset();
  const bool keeps = from == State::aborted && *e.observed == s.base;
  const State to = keeps                       ? State::aborted
                   : *e.observed == s.base     ? State::forwarding
                   : *e.observed == Mode::hold ? State::held
                                               : State::forwarding;
  return b.move(to, e.author, e.reason, evidence).take();
}

bool wants_hosted(State state) {
  return state == State::switching || state == State::verifying || state == State::hosted;
}

Advance restore(const MachineState& s, const ResolveCommand& e, Time now) {
  const State from = *s.blocked_from;
  const bool authorised =
      s.authorised && s.authorised->digest == s.digest && s.authorised->generation == s.generation;
  if (wants_hosted(from) && !authorised) {
    return not_yet(s, "hosted was not authorised for this plan", "roll back");
  }
  Builder b(s, now);
  b.state().blocked_from.reset();
  b.state().blocked_why.clear();
  if (wants_hosted(from)) {
    b.move(State::switching, e.author, e.reason, "restores hosted");
    return b.begin_write(e.op_id, e.author, e.reason, Mode::hosted, false).take();
  }
  const bool to_hold =
      from == State::held || (from == State::rolling_back && s.return_to == State::held);
  const Mode target = to_hold ? Mode::hold : s.base;
  b.state().return_to = from == State::aborted ? State::aborted
                        : to_hold              ? State::held
                                               : State::forwarding;
  b.move(State::rolling_back, e.author, e.reason, fmt::format("restores {}", to_text(target)));
  return b.begin_write(e.op_id, e.author, e.reason, target, false).take();
}

Advance on(const MachineState& s, const ResolveCommand& e, Time now) {
  if (e.reason.empty()) return no_reason(s);
  if (s.state != State::blocked) return nothing(s, "it is not blocked");
  return e.adopt ? adopt(s, e, now) : restore(s, e, now);
}

Advance on(const MachineState& s, const VerifyCommand& e, Time now) {
  if (s.state == State::hosted || s.state == State::final_) return nothing(s, "it is verified");
  if (s.state == State::switching || s.state == State::rolling_back) return in_flight(s);
  if (s.state != State::verifying) {
    return not_yet(s, fmt::format("nothing to verify: {}", to_text(s.state)));
  }
  Builder b(s, now);
  if (e.reason.empty()) return b.effect(VerifyNowEffect{}).take();
  return b.verified(e.author, e.reason, "confirmed by a person", "confirmed by " + e.author).take();
}

Advance on(const MachineState& s, const FinalizeCommand& e, Time now) {
  if (s.state == State::final_) return nothing(s, "it is final");
  if (s.state == State::blocked) return is_blocked(s);
  if (s.state == State::switching || s.state == State::verifying ||
      s.state == State::rolling_back) {
    return in_flight(s);
  }
  if (s.state != State::hosted) {
    return not_yet(s, fmt::format("only a switched domain is made final: {}", to_text(s.state)));
  }
  if (e.hindrance) return not_yet(s, *e.hindrance, "wait for the queue, or flush it");
  if (e.reason.empty()) {
    return not_yet(s, "7 days without stray mail in the old mailboxes are not proved",
                   "give a --reason to finalize all the same");
  }
  return Builder(s, now).move(State::final_, e.author, e.reason).take();
}

template <class T>
Advance on(const MachineState& s, const T&, Time) {
  return Step{s, {}};
}

}  // namespace

Advance on_command(const MachineState& s, const Event& event, Time now) {
  return std::visit([&](const auto& e) -> Advance { return on(s, e, now); }, event);
}

}  // namespace mxswitch::orchestrator::stepping
