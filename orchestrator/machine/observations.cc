// What the shell saw, and what follows from it. An observation never starts a hosted write by
// itself: only the last judgement of a command that a person gave does.

#include "orchestrator/machine/stepping.h"

namespace mxswitch::orchestrator::stepping {
namespace {

constexpr const char* kMxChanged = "mx-changed";

Step unchanged(const MachineState& s) { return Step{s, {}}; }

Step on(const MachineState& s, const RelayObserved& e, Time now) {
  if (s.state != State::draft || s.digest.empty() || e.mode != s.base) return unchanged(s);
  return Builder(s, now)
      .move(State::forwarding, kOurselves,
            fmt::format("every node of the relay is on {}", to_text(e.mode)))
      .take();
}

Step on(const MachineState& s, const FirstNewAnswer& e, Time now) {
  if (s.state != State::forwarding) return unchanged(s);
  Builder b(s, now);
  b.move(State::propagating, kOurselves, "an authority answers with the new set", e.evidence);
  // Again after a rollback, and then it is old news.
  if (b.state().told.insert(kMxChanged).second) b.tell(telling::mx_changed(s, e.evidence));
  return b.take();
}

// The last look before the write: all gates, the operator's too, for the digest of the command.
Step last_judgement(const MachineState& s, const GatesJudged& e, Time now) {
  Builder b(s, now);
  // Of another command the approvals and the window were looked at, not of this one.
  const bool of_this = e.op_id == s.armed->op_id;
  if (!of_this || !e.operator_open || s.frozen) return b.take();  // it goes on waiting
  if (!e.closed.empty() || e.digest != s.digest || s.armed->digest != s.digest) {
    const std::string why = e.closed.empty() ? "the plan's digest is another one now"
                                             : fmt::format("not open any more: {}", e.why);
    return b.disarm(why)
        .move(State::propagating, kOurselves, why)
        .tell(telling::switch_failed(s, "was refused", why))
        .take();
  }
  const Armed armed = *s.armed;
  b.state().armed.reset();
  b.state().authorised = Authorisation{s.digest, s.generation};
  b.move(State::switching, armed.author, armed.reason, "every gate open for " + s.digest);
  return b.begin_write(armed.op_id, armed.author, armed.reason, Mode::hosted, true).take();
}

Step armed_judgement(const MachineState& s, const GatesJudged& e, Time now) {
  if (e.fresh) return last_judgement(s, e, now);
  const bool lost = !e.closed.empty();
  Builder b(s, now);
  b.state().gates_lost = lost;
  if (lost && !s.gates_lost) {
    b.audit(kOurselves, "gates closed while armed", e.why).tell(telling::ready_lost(s, e.why));
  }
  return b.take();
}

Step on(const MachineState& s, const GatesJudged& e, Time now) {
  MachineState judged = s;
  judged.closed = e.closed;
  if (e.digest != s.digest) return unchanged(s);
  if (s.state == State::propagating && e.closed.empty() && !s.frozen) {
    return Builder(judged, now)
        .move(State::ready, kOurselves, "every gate is open")
        .tell(telling::ready(s))
        .take();
  }
  if (s.state == State::ready && !e.closed.empty()) {
    return Builder(judged, now)
        .move(State::propagating, kOurselves, e.why)
        .tell(telling::ready_lost(s, e.why))
        .take();
  }
  if (s.state == State::armed) return armed_judgement(judged, e, now);
  return unchanged(judged);
}

Step on(const MachineState& s, const WindowOpen&, Time now) {
  if (s.state != State::armed || s.frozen) return unchanged(s);
  return Builder(s, now).effect(JudgeNowEffect{}).take();
}

bool is_writing(const MachineState& s, const std::string& op_id) {
  return (s.state == State::switching || s.state == State::rolling_back) && s.writing &&
         s.writing->op_id == op_id;
}

Step on(const MachineState& s, const DryRunRefused& e, Time now) {
  if (s.state != State::switching || !is_writing(s, e.op_id)) return unchanged(s);
  Builder b(s, now);
  b.state().writing.reset();
  b.state().authorised.reset();
  return b.finish(e.op_id, "refused", 3, e.why)
      .move(State::propagating, kOurselves, e.why, "nothing was written")
      .withdraw(e.op_id)
      .tell(telling::switch_failed(s, "was not begun", e.why))
      .take();
}

Step on(const MachineState& s, const NodeWritten& e, Time now) {
  if (!is_writing(s, e.op_id)) return unchanged(s);
  Builder b(s, now);
  b.state().writing->done = e.done;
  b.state().writing->total = e.total;
  b.state().writing->stuck = false;
  if (e.done == s.writing->done && e.total == s.writing->total) return b.take();
  return b
      .audit(kOurselves, fmt::format("{} {}/{}", to_text(s.state), e.done, e.total),
             fmt::format("{} reports {} in force", e.node, to_text(s.writing->target)))
      .take();
}

Step on(const MachineState& s, const NodeStuck& e, Time now) {
  if (!is_writing(s, e.op_id) || s.writing->stuck) return unchanged(s);
  Builder b(s, now);
  b.state().writing->stuck = true;
  const std::string progress =
      fmt::format("{} {}/{}", to_text(s.state), s.writing->done, s.writing->total);
  return b.finish(e.op_id, "unknown", 4, fmt::format("{}; {}: {}", progress, e.node, e.why))
      .audit(kOurselves, progress, fmt::format("{}: {}", e.node, e.why))
      .withdraw(e.op_id)
      .tell(telling::stuck(s, e.node, e.why))
      .take();
}

Step on(const MachineState& s, const AllInForce& e, Time now) {
  if (!is_writing(s, e.op_id) || e.mode != s.writing->target) return unchanged(s);
  Builder b(s, now);
  const Writing written = *s.writing;
  const std::string why = fmt::format("every node reports {} in force", to_text(e.mode));
  if (s.state == State::switching) {
    return b.move(State::verifying, kOurselves, why).effect(VerifyNowEffect{}).take();
  }
  b.state().writing.reset();
  return b.move(s.return_to, kOurselves, why)
      .withdraw(e.op_id)
      .tell(telling::rolled_back(s, written, now))
      .finish(e.op_id, "done", 0, why)
      .take();
}

Step on(const MachineState& s, const Verified& e, Time now) {
  if (s.state != State::verifying) return unchanged(s);
  return Builder(s, now)
      .verified(kOurselves, "probes were delivered and read back", e.evidence, e.evidence)
      .take();
}

Step on(const MachineState& s, const VerifyFailed& e, Time now) {
  if (s.state != State::verifying || (s.writing && s.writing->stuck)) return unchanged(s);
  Builder b(s, now);
  if (s.writing) {
    b.state().writing->stuck = true;
    b.finish(s.writing->op_id, "unknown", 4, "in force on all nodes, but not verified: " + e.why);
  }
  if (s.writing) b.withdraw(s.writing->op_id);
  return b.audit(kOurselves, "verification failed", e.why)
      .tell(telling::not_verified(s, e.why))
      .take();
}

Step block(const MachineState& s, const std::string& why, const std::string& cause,
           const std::string& next, Time now) {
  if (s.state == State::draft || s.state == State::blocked || s.state == State::final_) {
    return unchanged(s);
  }
  Builder b(s, now);
  b.state().blocked_from = s.state;
  b.state().blocked_why = why;
  b.disarm(cause + why);
  if (s.writing) b.withdraw(s.writing->op_id).finish(s.writing->op_id, "failed", 5, why);
  b.state().writing.reset();
  return b.move(State::blocked, kOurselves, why).tell(telling::blocked(s, why, next)).take();
}

Step on(const MachineState& s, const ForeignWrite& e, Time now) {
  return block(s, fmt::format("{}: {}", e.node, e.why), "the relay was changed by somebody else: ",
               fmt::format("mxswitch resolve {} restore (or adopt)", s.domain), now);
}

Step on(const MachineState& s, const NextHopLoops& e, Time now) {
  return block(s, e.why, "mail would go round: ",
               fmt::format("point {} elsewhere, then mxswitch resolve {} restore", e.hop, s.domain),
               now);
}

Step on(const MachineState& s, const RelayUnreadable& e, Time now) {
  if (s.relay_unreadable) return unchanged(s);
  Builder b(s, now);
  b.state().relay_unreadable = true;
  return b.audit(kOurselves, "relay unreadable", e.why)
      .tell(telling::relay_ill(s, e.what, e.mail, e.why))
      .take();
}

Step on(const MachineState& s, const RelayReadable&, Time now) {
  if (!s.relay_unreadable) return unchanged(s);
  Builder b(s, now);
  b.state().relay_unreadable = false;
  return b.audit(kOurselves, "relay readable again", "every node answers").take();
}

Step on(const MachineState& s, const TimePassed&, Time now) {
  if (s.state != State::armed || now - s.armed->at < kArmedFor) return unchanged(s);
  const std::string why = "the command expired after 24 h";
  return Builder(s, now)
      .disarm(why)
      .move(State::propagating, kOurselves, why)
      .tell(telling::switch_failed(s, "was not begun", why))
      .take();
}

// Told once while it lasts; its end stands in no message.
Step on(const MachineState& s, const Noticed& e, Time now) {
  if (s.told.contains(e.kind) == e.lasts) return unchanged(s);
  Builder b(s, now);
  if (!e.lasts) {
    b.state().told.erase(e.kind);
    return b.audit(kOurselves, e.kind + " is over", "it is seen no more").take();
  }
  b.state().told.insert(e.kind);
  return b.audit(kOurselves, e.kind, e.line).tell({e.kind, e.line, e.body}).take();
}

// Commands are handled elsewhere; the variant holds both.
template <class T>
Step on(const MachineState& s, const T&, Time) {
  return unchanged(s);
}

}  // namespace

Step on_observation(const MachineState& s, const Event& event, Time now) {
  return std::visit([&](const auto& e) { return on(s, e, now); }, event);
}

}  // namespace mxswitch::orchestrator::stepping
