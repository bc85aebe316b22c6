// Gates `contact` (the operator can be reached without the domain being moved) and `operator`
// (somebody asked, for this plan, at a permitted time).

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

nlohmann::json channels_json(const ContactFacts& facts) {
  nlohmann::json channels = nlohmann::json::array();
  for (const ContactChannelFacts& c : facts.channels) {
    nlohmann::json entry = {{"channel", c.channel}, {"acknowledged", c.acknowledged}};
    if (!c.not_external.empty()) entry["not_external"] = c.not_external;
    if (!c.not_known.empty()) entry["not_known"] = c.not_known;
    if (c.last_delivery_at) entry["last_delivery_at"] = format_time(*c.last_delivery_at);
    if (c.last_delivery_ok) entry["last_delivery_ok"] = *c.last_delivery_ok;
    channels.push_back(std::move(entry));
  }
  return channels;
}

GateVerdict weigh_channels(const ContactFacts& facts, std::string& why) {
  std::vector<std::string> inside, silent, failed, unclear;
  std::size_t external = 0;
  for (const ContactChannelFacts& c : facts.channels) {
    if (!c.not_external.empty()) {
      inside.push_back(fmt::format("{}: {}", c.channel, c.not_external));
      continue;
    }
    ++external;
    if (!c.not_known.empty() && c.acknowledged) {
      unclear.push_back(fmt::format("{}: {}", c.channel, c.not_known));
    } else if (!c.acknowledged) {
      silent.push_back(c.channel);
    } else if (c.last_delivery_ok == false) {
      failed.push_back(fmt::format("{}: {}", c.channel, c.error));
    } else if (c.last_delivery_ok == true) {
      why = fmt::format("{} was acknowledged and takes deliveries", c.channel);
      return GateVerdict::pass;
    } else {
      silent.push_back(c.channel);
    }
  }
  if (external == 0) {
    why = inside.empty() ? "the plan names no external contact"
                         : "no external contact: " + judging::some_of(inside);
    return GateVerdict::fail;
  }
  if (!unclear.empty()) {
    why = "whether it depends on the domain is not known: " + judging::some_of(unclear);
    return GateVerdict::unknown;
  }
  if (!failed.empty()) {
    why = "the last delivery failed on every acknowledged channel: " + judging::some_of(failed);
    return GateVerdict::fail;
  }
  why = fmt::format("not acknowledged by a button yet: {} (mxswitch alert test sends one)",
                    judging::some_of(silent));
  return GateVerdict::fail;
}

std::vector<std::string> operator_faults(const OperatorFacts& facts, const GatePlan& plan) {
  std::vector<std::string> faults;
  if (facts.digest != plan.digest) faults.push_back("the command names another plan digest");
  if (facts.reason.empty()) faults.push_back("the command gives no reason");
  if (facts.frozen) faults.push_back("the domain is frozen");
  const auto wanted = static_cast<std::size_t>(std::max(0, plan.approvers));
  if (facts.approvals.size() < wanted) {
    faults.push_back(fmt::format("{} of {} approvals given", facts.approvals.size(), wanted));
  }
  if (!facts.window_open) {
    faults.push_back(facts.window_opens_at ? fmt::format("the window opens at {}",
                                                         format_time(*facts.window_opens_at))
                                           : "outside the window");
  }
  return faults;
}

}  // namespace

GateResult judge_contact(const ContactFacts& facts, const GatePlan&, Time now) {
  if (judging::never(facts.observed_at)) {
    return make("contact", GateVerdict::unknown, "contacts were not looked at yet", Time{},
                judging::kTenMinutes);
  }
  std::string why;
  const GateVerdict verdict = weigh_channels(facts, why);
  GateResult result = make("contact", verdict, why, facts.observed_at, judging::kTenMinutes);
  result.evidence = {{"channels", channels_json(facts)}};
  return judging::aged(std::move(result), now);
}

GateResult judge_operator(const OperatorFacts& facts, const GatePlan& plan, Time now) {
  if (facts.carried_out) {
    GateResult done =
        make("operator", GateVerdict::pass, "the switch was asked for", now, judging::kQuarter);
    done.overridable = false;
    return done;
  }
  const std::vector<std::string> faults =
      facts.commanded ? operator_faults(facts, plan)
                      : std::vector<std::string>{fmt::format(
                            "nobody asked yet: mxswitch switch {} --reason \"...\"", plan.domain)};
  GateResult result =
      make("operator", faults.empty() ? GateVerdict::pass : GateVerdict::fail,
           faults.empty() ? fmt::format("asked by {}: {}", facts.author, facts.reason)
                          : judging::some_of(faults),
           now, judging::kQuarter);
  result.overridable = false;
  result.evidence = {{"author", facts.author}, {"approvals", facts.approvals}};
  if (!result.open() && facts.commanded) result.earliest = facts.window_opens_at;
  return result;
}

}  // namespace mxswitch::orchestrator
