// Gate `relay`: every node answers, is where it should be, and would take the writes that a
// switch and its rollback need; no exchange address belongs to a host that is not listed.

#include <algorithm>

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

bool is_listed(const RelayFacts& facts, const std::string& address) {
  return std::ranges::any_of(facts.nodes, [&](const RelayNodeFacts& node) {
    return std::ranges::find(node.addresses, address) != node.addresses.end();
  });
}

std::vector<std::string> node_faults(const RelayFacts& facts) {
  std::vector<std::string> faults;
  for (const RelayNodeFacts& node : facts.nodes) {
    if (!node.reachable) {
      faults.push_back(fmt::format("{} does not answer: {}", node.id, node.error));
    } else if (!node.authenticated) {
      faults.push_back(fmt::format("{} refused the token: {}", node.id, node.error));
    } else if (!node.mode) {
      faults.push_back(fmt::format("{} does not know the domain: {}", node.id, node.error));
    } else if (*node.mode != facts.expected) {
      faults.push_back(fmt::format("{} is on {}, not on {}", node.id, to_text(*node.mode),
                                   to_text(facts.expected)));
    }
    faults.insert(faults.end(), node.hop_faults.begin(), node.hop_faults.end());
  }
  return faults;
}

// Mail for them would be refused as soon as their MX leads to the relay.
std::vector<std::string> other_domain_faults(const RelayFacts& facts, const GatePlan& plan) {
  std::vector<std::string> faults;
  for (const std::string& domain : plan.other_domains) {
    std::vector<std::string> without;
    for (const RelayNodeFacts& node : facts.nodes) {
      const auto& unknown = node.unknown_domains;
      if (std::ranges::find(unknown, domain) != unknown.end()) without.push_back(node.id);
    }
    if (without.empty()) continue;
    faults.push_back(
        fmt::format("{} not known at {}: take it out of this plan and give it one of "
                    "its own",
                    domain, fmt::join(without, ", ")));
  }
  return faults;
}

// An unlisted host would never switch.
std::vector<std::string> exchange_faults(const RelayFacts& facts) {
  std::vector<std::string> faults;
  for (const auto& [exchange, target] : facts.exchange_aliases) {
    faults.push_back(
        fmt::format("{} is a CNAME to {}: an exchange has addresses of its own (RFC 2181 10.3)",
                    exchange, target));
  }
  for (const auto& [exchange, addresses] : facts.exchanges) {
    if (addresses.empty()) faults.push_back(fmt::format("{} has no address", exchange));
    for (const std::string& address : addresses) {
      if (is_listed(facts, address)) continue;
      faults.push_back(fmt::format("{} of {} is no address of a listed node", address, exchange));
    }
  }
  return faults;
}

std::vector<std::string> dry_run_faults(const RelayFacts& facts) {
  std::vector<std::string> faults;
  for (const RelayNodeFacts& node : facts.nodes) {
    if (node.dry_run == DryRun::refused || node.dry_run_back == DryRun::refused) {
      faults.push_back(fmt::format("{} refused a dry run of the write {}: {}", node.id,
                                   node.dry_run == DryRun::refused ? "to hosted" : "back",
                                   node.dry_run_error));
    }
  }
  return faults;
}

bool dry_run_missing(const RelayFacts& facts) {
  return std::ranges::any_of(facts.nodes, [](const RelayNodeFacts& node) {
    return node.dry_run == DryRun::not_run || node.dry_run_back == DryRun::not_run;
  });
}

nlohmann::json evidence_of(const RelayFacts& facts) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const RelayNodeFacts& node : facts.nodes) {
    nodes.push_back({{"node", node.id},
                     {"reachable", node.reachable},
                     {"mode", node.mode ? std::string(to_text(*node.mode)) : "unknown"},
                     {"generation", node.generation},
                     {"in_force", node.in_force},
                     {"dry_run", node.dry_run == DryRun::accepted},
                     {"dry_run_back", node.dry_run_back == DryRun::accepted}});
  }
  return {{"nodes", std::move(nodes)},
          {"exchanges", facts.exchanges},
          {"exchange_aliases", facts.exchange_aliases}};
}

GateResult judge_nodes(const RelayFacts& facts, const GatePlan& plan) {
  const auto result = [&](GateVerdict verdict, std::string why) {
    GateResult r = make("relay", verdict, std::move(why), facts.observed_at, judging::kTenMinutes);
    r.evidence = evidence_of(facts);
    return r;
  };
  std::vector<std::string> faults = node_faults(facts);
  for (std::string& fault : other_domain_faults(facts, plan)) faults.push_back(std::move(fault));
  for (std::string& fault : exchange_faults(facts)) faults.push_back(std::move(fault));
  faults.insert(faults.end(), facts.loops.begin(), facts.loops.end());
  const bool to_switch = facts.expected == Mode::forward;
  if (to_switch) {
    for (std::string& fault : dry_run_faults(facts)) faults.push_back(std::move(fault));
  }
  if (!faults.empty()) return result(GateVerdict::fail, judging::some_of(faults));
  if (!facts.exchanges_error.empty()) {
    return result(GateVerdict::unknown, "the exchanges' addresses: " + facts.exchanges_error);
  }
  if (facts.exchanges.empty()) {
    return result(GateVerdict::unknown, "the exchanges' addresses were not asked yet");
  }
  if (to_switch && dry_run_missing(facts)) {
    return result(GateVerdict::unknown, "no dry run was made on every node yet");
  }
  // A switch moves one domain's route; "all is well" would be said of the others too.
  if (!plan.other_domains.empty()) {
    GateResult others =
        result(GateVerdict::unknown,
               fmt::format("{} would not be switched with {}: take it out of this plan and give "
                           "it one of its own",
                           judging::some_of(plan.other_domains), plan.domain));
    others.turn = Turn::operator_;
    return others;
  }
  const std::size_t count = facts.nodes.size();
  return result(
      GateVerdict::pass,
      fmt::format("{} node{} on {}{}", count, judging::plural(count), to_text(facts.expected),
                  to_switch ? "; dry runs there and back were accepted" : ""));
}

}  // namespace

GateResult judge_relay(const RelayFacts& facts, const GatePlan& plan, Time now) {
  GateResult result;
  if (!plan.has_relay) {
    result = make("relay", GateVerdict::unknown,
                  "the plan's relay has the driver \"none\": it is only watched", now,
                  judging::kTenMinutes);
    result.turn = Turn::operator_;
  } else if (facts.nodes.empty() || judging::never(facts.observed_at)) {
    result =
        make("relay", GateVerdict::unknown, "no node was read yet", Time{}, judging::kTenMinutes);
  } else {
    result = judge_nodes(facts, plan);
    if (facts.expected == Mode::forward && result.verdict == GateVerdict::pass) {
      result.observed_at = std::min({facts.observed_at, facts.dry_run_at, facts.exchanges_at});
    }
  }
  result.overridable = false;
  return judging::aged(std::move(result), now);
}

}  // namespace mxswitch::orchestrator
