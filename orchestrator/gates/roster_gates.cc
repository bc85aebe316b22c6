// Gates `accounts` and `aliases`: nobody who gets mail today is left without a mailbox.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

std::vector<std::string> kept(const std::vector<std::string>& addresses,
                              const std::vector<std::string>& ignored) {
  std::vector<std::string> left;
  for (const std::string& address : addresses) {
    if (std::ranges::find(ignored, address) == ignored.end()) left.push_back(address);
  }
  return left;
}

// What keeps either gate from being judged at all.
std::optional<std::string> unreadable(const RosterFacts& facts) {
  if (!facts.error.empty()) return facts.error;
  if (judging::never(facts.observed_at)) return "the relay's roster was not read yet";
  return std::nullopt;
}

// Nothing was compared then, so nobody can say that nothing is missing: the operator's turn.
std::optional<std::string> never_loaded(const RosterFacts& facts, const GatePlan& plan) {
  if (facts.given || !plan.has_roster_files) return std::nullopt;
  return "the plan's files were never loaded: mxswitch roster load " + plan.domain;
}

// Before the first load there is nothing at the relay to be wrong.
std::optional<std::string> nothing_loaded(const RosterFacts& facts, const GatePlan& plan) {
  if (facts.given || facts.accounts > 0 || facts.aliases > 0) return std::nullopt;
  return "the relay's roster is empty: mxswitch roster load " + plan.domain;
}

GateResult result_of(const char* id, const RosterFacts& facts, GateVerdict verdict,
                     std::string why) {
  GateResult r = make(id, verdict, std::move(why), facts.observed_at, judging::kQuarter);
  r.evidence = {{"accounts", facts.accounts}, {"aliases", facts.aliases}};
  return r;
}

GateResult awaited(const char* id, const RosterFacts& facts, std::string why) {
  GateResult r = result_of(id, facts, GateVerdict::waits, std::move(why));
  r.turn = Turn::operator_;
  return r;
}

std::optional<std::string> uncovered_fault(const RosterFacts& facts, const GatePlan& plan) {
  const std::vector<std::string> left = kept(facts.uncovered, plan.ignored_recipients);
  if (left.empty()) return std::nullopt;
  return fmt::format("{} recipient{} that the old server accepted {} no mailbox: {}", left.size(),
                     judging::plural(left.size()), left.size() == 1 ? "has" : "have",
                     judging::some_of(left));
}

GateResult judge_readable_accounts(const RosterFacts& facts, const GatePlan& plan) {
  std::vector<std::string> faults;
  if (facts.nodes_differ) faults.push_back("the nodes' rosters differ: " + facts.differ_text);
  if (!facts.missing_accounts.empty()) {
    faults.push_back(fmt::format("{} missing: {}", facts.missing_accounts.size(),
                                 judging::some_of(facts.missing_accounts)));
  }
  if (const auto fault = uncovered_fault(facts, plan)) faults.push_back(*fault);
  if (facts.given && facts.accounts == 0 && facts.aliases == 0)
    faults.push_back("the relay's roster is empty");
  GateResult r;
  if (const auto why = never_loaded(facts, plan)) {
    r = awaited("accounts", facts, *why);
  } else if (const auto empty = nothing_loaded(facts, plan)) {
    r = awaited("accounts", facts, *empty);
  } else if (!faults.empty()) {
    r = result_of("accounts", facts, GateVerdict::fail, judging::some_of(faults));
  } else if (!facts.flow_known || facts.flow_truncated) {
    r = result_of("accounts", facts, GateVerdict::unknown,
                  facts.flow_truncated ? "the list of recipients in traffic is cut short"
                                       : "recipients in traffic were not read yet");
  } else {
    r = result_of("accounts", facts, GateVerdict::pass,
                  fmt::format("{} account{} at the relay{}, every recipient seen is covered",
                              facts.accounts, judging::plural(facts.accounts),
                              facts.given ? ", none missing" : " (the plan names no files)"));
  }
  r.evidence["missing"] = facts.missing_accounts;
  r.evidence["extra"] = facts.extra_accounts;
  r.evidence["uncovered"] = facts.uncovered;
  r.evidence["refused_by_old_server"] = facts.refused;
  return r;
}

}  // namespace

GateResult judge_accounts(const RosterFacts& facts, const GatePlan& plan, Time now) {
  if (const auto why = unreadable(facts)) {
    return result_of("accounts", facts, GateVerdict::unknown, *why);
  }
  return judging::aged(judge_readable_accounts(facts, plan), now);
}

GateResult judge_aliases(const RosterFacts& facts, const GatePlan& plan, Time now) {
  if (const auto why = unreadable(facts)) {
    return result_of("aliases", facts, GateVerdict::unknown, *why);
  }
  std::vector<std::string> faults;
  if (facts.nodes_differ) faults.push_back("the nodes' rosters differ: " + facts.differ_text);
  if (!facts.missing_aliases.empty()) {
    faults.push_back(fmt::format("{} missing or different: {}", facts.missing_aliases.size(),
                                 judging::some_of(facts.missing_aliases)));
  }
  if (!facts.broken_targets.empty()) {
    faults.push_back("no such target: " + judging::some_of(facts.broken_targets));
  }
  GateResult r;
  if (const auto why = never_loaded(facts, plan)) {
    r = awaited("aliases", facts, *why);
  } else if (!faults.empty()) {
    r = result_of("aliases", facts, GateVerdict::fail, judging::some_of(faults));
  } else {
    r = result_of("aliases", facts, GateVerdict::pass,
                  fmt::format("{} alias{} at the relay, every target exists", facts.aliases,
                              facts.aliases == 1 ? "" : "es"));
  }
  r.evidence["missing"] = facts.missing_aliases;
  r.evidence["extra"] = facts.extra_aliases;
  return judging::aged(std::move(r), now);
}

}  // namespace mxswitch::orchestrator
