#include "orchestrator/machine/telling.h"

#include <fmt/format.h>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator::telling {
namespace {

// "begun by ann at 2026-11-22 14:32Z: moving day; it took 8 s"
std::string course(const Writing& write, Time now) {
  std::string text = fmt::format("Begun by {}", write.author);
  if (write.begun_at != Time{}) text += " at " + dated(write.begun_at);
  text += fmt::format(": {}.", write.reason);
  if (write.begun_at != Time{}) {
    text += fmt::format(" It took {}.", format_duration(now - write.begun_at));
  }
  return text;
}

std::string where_mail_goes(Mode mode) {
  return mode == Mode::hold ? "mail is held at the relay" : "mail goes to the old server";
}

}  // namespace

std::string dated(Time t) {
  const std::string text = format_time(t);  // 2026-11-22T14:32:10Z
  return text.substr(0, 10) + " " + text.substr(11, 5) + "Z";
}

Words ready(const MachineState& s) {
  return {"ready",
          fmt::format("READY {0}: every gate is open; next: mxswitch switch {0}", s.domain),
          "If nobody acts: mail goes on to the old server through the relay."};
}

Words ready_lost(const MachineState& s, const std::string& why) {
  return {"ready-lost", fmt::format("{}: not READY any more: {}", s.domain, why),
          "If nobody acts: mail goes on to the old server through the relay, nothing is switched, "
          "and READY is told again when every gate is open."};
}

Words mx_changed(const MachineState& s, const std::string& evidence) {
  return {"mx-changed",
          fmt::format("{}: the MX was changed ({}); caches may hold the old one for a while",
                      s.domain, evidence),
          "If nobody acts: the drain goes on by itself, and READY is told when it is over."};
}

Words begun(const MachineState& s, const Writing& write) {
  const std::string by = fmt::format("{} by {} since {}: {}", s.domain, write.author,
                                     dated(write.begun_at), write.reason);
  if (write.target == Mode::hosted) {
    return {"switch-begun", "the switch is under way for " + by,
            "If nobody acts: it goes on node by node until every node delivers to the hosted side; "
            "you are told when it is done. mxswitch rollback " +
                s.domain + " takes it back."};
  }
  return {
      "rollback-begun", "the rollback is under way for " + by,
      fmt::format("If nobody acts: it goes on until {} from every node; you are told when it is "
                  "done.",
                  where_mail_goes(write.target))};
}

Words switched(const MachineState& s, const Writing& write, const std::string& evidence, Time now) {
  return {"switch-done",
          fmt::format("{} is switched since {}: mail is delivered to the hosted side", s.domain,
                      dated(now)),
          fmt::format("{}\n{}\nIf nobody acts: it stays so. mxswitch rollback {} takes it back.",
                      course(write, now), evidence, s.domain)};
}

Words rolled_back(const MachineState& s, const Writing& write, Time now) {
  std::string line = fmt::format("{} is rolled back since {}: {}", s.domain, dated(now),
                                 where_mail_goes(write.target));
  std::string next = "If nobody acts: it stays so.";
  if (s.frozen) {
    line += "; " + to_text(*s.frozen, now);
    next +=
        fmt::format(" No READY is told and no switch begins until: {}", unfreeze_command(s.domain));
  }
  return {"rollback-done", line, course(write, now) + "\n" + next};
}

Words taken_back(const MachineState& s, Time now) {
  return {"rollback-done",
          fmt::format("{}: the switch that waited was taken back; {}", s.domain,
                      to_text(*s.frozen, now)),
          fmt::format("Nothing was written. If nobody acts: mail goes on as before; no READY is "
                      "told and no switch begins until: {}",
                      unfreeze_command(s.domain))};
}

Words switch_failed(const MachineState& s, const std::string& what, const std::string& why) {
  return {"switch-failed", fmt::format("{}: the switch {}: {}", s.domain, what, why),
          "Nothing was written. If nobody acts: mail goes on to the old server through the relay, "
          "and READY is told again when every gate is open."};
}

Words stuck(const MachineState& s, const std::string& node, const std::string& why) {
  const bool back = s.writing->target != Mode::hosted;
  return {
      back ? "rollback-stuck" : "switch-failed",
      fmt::format("{}: the {} is in force at {} of {} nodes, {} does not follow: {}", s.domain,
                  back ? "rollback" : "switch", s.writing->done, s.writing->total, node, why),
      fmt::format("If nobody acts: it is tried again until the node follows; meanwhile the nodes "
                  "differ and no name is refused.{}",
                  back ? "" : fmt::format(" mxswitch rollback {} takes it back.", s.domain))};
}

Words not_verified(const MachineState& s, const std::string& why) {
  return {"switch-failed",
          fmt::format("{}: switched at every node, but not verified: {}", s.domain, why),
          fmt::format("If nobody acts: it is verified again until it works, and mail goes to the "
                      "hosted side meanwhile. mxswitch rollback {} takes it back.",
                      s.domain)};
}

Words blocked(const MachineState& s, const std::string& why, const std::string& next) {
  return {"blocked", fmt::format("{} is BLOCKED: {}; next: {}", s.domain, why, next),
          "If nobody acts: nothing is written, and mail goes on as the nodes have it now."};
}

Words relay_ill(const MachineState& s, const std::string& what, const std::string& mail,
                const std::string& why) {
  return {"relay-ill", fmt::format("{}: {}{}{}", s.domain, what, mail.empty() ? "" : "; ", mail),
          fmt::format("{}\nIf nobody acts: nothing is switched meanwhile. It heals by itself when "
                      "the node answers again.",
                      why)};
}

}  // namespace mxswitch::orchestrator::telling
