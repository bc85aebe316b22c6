// Gate `flow`: mail for the domain really comes through the relay.

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

struct Lacking {
  std::vector<std::string> faults;   // a way that is broken
  std::vector<std::string> awaited;  // what time brings where nothing is wrong
};

bool is_recent(const std::optional<Time>& t, Duration reach, Time now) {
  return t && now - *t <= reach;
}

Lacking lacking_of(const FlowFacts& facts, const GatePlan& plan, Time now) {
  Lacking lacking;
  for (const FlowAddressFacts& a : facts.addresses) {
    if (is_recent(a.arrived_at, judging::kQuarter, now)) continue;
    if (is_recent(a.under_way_since, judging::kQuarter, now)) {
      lacking.awaited.push_back(
          fmt::format("a probe through {} ({}) is under way", a.address, a.exchange));
      continue;
    }
    lacking.faults.push_back(fmt::format("no probe arrived through {} ({}) in 15 min{}", a.address,
                                         a.exchange, a.error.empty() ? "" : ": " + a.error));
  }
  if (!plan.quiet && !is_recent(facts.last_message_at, std::chrono::hours(24), now)) {
    lacking.awaited.push_back(
        "no real message came in 24 h (quiet = true in [policy] if none is to be expected)");
  }
  return lacking;
}

}  // namespace

GateResult judge_flow(const FlowFacts& facts, const GatePlan& plan, Time now) {
  const auto result = [&](GateVerdict verdict, std::string why) {
    GateResult r = make("flow", verdict, std::move(why), facts.observed_at, judging::kQuarter);
    r.evidence = {{"accepted", facts.accepted},
                  {"proved_from_outside", false},
                  {"addresses", nlohmann::json::array()}};
    for (const FlowAddressFacts& a : facts.addresses) {
      nlohmann::json entry = {{"exchange", a.exchange}, {"address", a.address}};
      if (a.arrived_at) entry["arrived_at"] = format_time(*a.arrived_at);
      r.evidence["addresses"].push_back(std::move(entry));
    }
    return r;
  };
  if (facts.addresses.empty() || judging::never(facts.observed_at)) {
    return result(GateVerdict::unknown, "no probe was sent through the exchanges yet");
  }
  const Lacking lacking = lacking_of(facts, plan, now);
  if (!lacking.faults.empty()) {
    return judging::aged(result(GateVerdict::fail, judging::some_of(lacking.faults)), now);
  }
  if (!lacking.awaited.empty()) {
    return judging::aged(result(GateVerdict::waits, judging::some_of(lacking.awaited)), now);
  }
  // The plan asks for a proof that nobody gives: less than that is no pass.
  if (!plan.probe_from.empty()) {
    GateResult unproved =
        result(GateVerdict::unknown,
               fmt::format("probe_from = \"{}\" is not carried out by this version: take it out "
                           "of [policy], and the probes of mxswitch itself count",
                           plan.probe_from));
    unproved.turn = Turn::operator_;
    return unproved;
  }
  return judging::aged(
      result(GateVerdict::pass,
             fmt::format("probes came through {} address{}{} (not proved from outside)",
                         facts.addresses.size(), facts.addresses.size() == 1 ? "" : "es",
                         plan.quiet ? "" : ", and real mail within 24 h")),
      now);
}

}  // namespace mxswitch::orchestrator
