// Gates `contact` (the operator can be reached without the domain being moved) and `operator`
// (somebody asked, for this plan, at a permitted time).

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"
#include "orchestrator/gates/reason_turn.h"

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
    if (c.reached_at) entry["reached_at"] = format_time(*c.reached_at);
    if (c.reached_ok) entry["reached_ok"] = *c.reached_ok;
    channels.push_back(std::move(entry));
  }
  return channels;
}

// The last proof: a delivery, or a connection that was made after it.
struct Proof {
  std::optional<bool> ok;
  std::optional<Time> at;
  bool delivered = true;
};
Proof last_proof(const ContactChannelFacts& c) {
  // A connection undoes no failed delivery: it shows less.
  const bool reached = c.reached_at && c.last_delivery_ok != false &&
                       (!c.last_delivery_at || *c.reached_at > *c.last_delivery_at);
  if (reached) return {c.reached_ok, c.reached_at, false};
  return {c.last_delivery_ok, c.last_delivery_at, true};
}

struct Weighed {
  GateVerdict verdict;
  std::string why;
  Turn turn = Turn::operator_;
  std::optional<Time> proved_at = {};
};

Weighed passes(const std::string& channel, const Proof& proof) {
  const char* how = proof.delivered ? "takes deliveries" : "is reachable, not proved";
  return {GateVerdict::pass, fmt::format("{} was acknowledged and {}", channel, how), Turn::none,
          proof.at};
}

Weighed weigh_channels(const ContactFacts& facts) {
  std::vector<std::string> inside, silent, failed, unclear, undelivered;
  std::size_t external = 0;
  std::optional<Proof> best;
  std::string named;
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
    } else if (const Proof proof = last_proof(c); proof.ok == false) {
      failed.push_back(fmt::format("{}: {}", c.channel, c.error));
    } else if (proof.ok == true) {
      if (!best || *proof.at > *best->at) best = proof, named = c.channel;
    } else {
      undelivered.push_back(c.channel);
    }
  }
  if (best) return passes(named, *best);
  if (external == 0) {
    return {GateVerdict::fail, inside.empty() ? "the plan names no external contact"
                                              : "no external contact: " + judging::some_of(inside)};
  }
  if (!unclear.empty()) {
    return {GateVerdict::unknown,
            "whether it depends on the domain is not known: " + judging::some_of(unclear),
            Turn::time};
  }
  if (!undelivered.empty()) {
    return {GateVerdict::waits, "acknowledged, no delivery yet: " + judging::some_of(undelivered),
            Turn::time};
  }
  if (!failed.empty()) {
    return {GateVerdict::fail,
            "the last proof failed on every acknowledged channel: " + judging::some_of(failed)};
  }
  return {GateVerdict::waits,
          fmt::format("not acknowledged by a button yet: {} (mxswitch alert test sends one)",
                      judging::some_of(silent))};
}

// What keeps a command from being carried out: something that is wrong with it, or whose turn it
// is before it.
struct Obstacle {
  std::string text;
  Asked asked;
};

std::vector<Obstacle> obstacles_of(const OperatorFacts& facts, const GatePlan& plan) {
  constexpr Asked kMend{GateVerdict::fail, Turn::operator_};
  constexpr Asked kYou{GateVerdict::waits, Turn::operator_};
  constexpr Asked kApprover{GateVerdict::waits, Turn::approver};
  constexpr Asked kTime{GateVerdict::waits, Turn::time};
  if (!facts.commanded)
    return {
        {fmt::format("nobody asked yet: mxswitch switch {} --reason \"...\"", plan.domain), kYou}};
  std::vector<Obstacle> found;
  if (facts.digest != plan.digest)
    found.push_back({"the command names another plan digest", kMend});
  if (facts.reason.empty()) found.push_back({"the command gives no reason", kMend});
  if (!facts.frozen.empty()) found.push_back({facts.frozen, kYou});
  const auto wanted = static_cast<std::size_t>(std::max(0, plan.approvers));
  if (facts.approvals.size() < wanted) {
    found.push_back({fmt::format("{} of {} approvals given: mxswitch approve {}",
                                 facts.approvals.size(), wanted, plan.domain),
                     kApprover});
  }
  if (!facts.window_open) {
    found.push_back({facts.window_opens_at ? fmt::format("the window opens at {}",
                                                         format_time(*facts.window_opens_at))
                                           : "outside the window",
                     kTime});
  }
  return found;
}

}  // namespace

GateResult judge_contact(const ContactFacts& facts, const GatePlan&, Time now) {
  if (judging::never(facts.observed_at)) {
    return make("contact", GateVerdict::unknown, "contacts were not looked at yet", Time{},
                judging::kTenMinutes);
  }
  Weighed weighed = weigh_channels(facts);
  GateResult result = make("contact", weighed.verdict, std::move(weighed.why),
                           weighed.proved_at.value_or(facts.observed_at), judging::kQuarter);
  result.turn = weighed.turn;
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
  const std::vector<Obstacle> obstacles = obstacles_of(facts, plan);
  GateResult result =
      make("operator", GateVerdict::pass,
           fmt::format("asked by {}: {}", facts.author, facts.reason), now, judging::kQuarter);
  if (!obstacles.empty()) {
    std::vector<std::string> texts;
    for (const Obstacle& one : obstacles) texts.push_back(one.text);
    result.why = judging::some_of(texts);
    result.verdict = obstacles.front().asked.verdict;
    result.turn = obstacles.front().asked.turn;
  }
  result.overridable = false;
  result.evidence = {{"author", facts.author}, {"approvals", facts.approvals}};
  if (result.turn == Turn::time) result.earliest = facts.window_opens_at;
  return result;
}

}  // namespace mxswitch::orchestrator
