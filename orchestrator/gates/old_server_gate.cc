// Gate `old-server`: the forward route works from every node, so that nothing bounces while the
// caches drain.

#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

std::vector<std::string> refusals(const OldServerFacts& facts) {
  std::vector<std::string> faults;
  for (const OldServerNodeFacts& node : facts.nodes) {
    if (node.result == ProbeResult::refused) {
      faults.push_back(fmt::format("refused from {}: {}", node.node, node.reply));
    } else if (node.result == ProbeResult::expired) {
      faults.push_back(fmt::format("no answer from {}: {}", node.node,
                                   node.reply.empty() ? "the probe expired" : node.reply));
    }
  }
  return faults;
}

std::vector<std::string> gaps(const OldServerFacts& facts) {
  std::vector<std::string> missing;
  for (const OldServerNodeFacts& node : facts.nodes) {
    if (!node.error.empty()) {
      missing.push_back(fmt::format("{} could not probe: {}", node.node, node.error));
    } else if (node.result == ProbeResult::waiting) {
      missing.push_back(fmt::format("{} waits for the old server's answer", node.node));
    }
  }
  if (!facts.size_asked || !facts.size_error.empty()) {
    missing.push_back("SIZE was not compared: " +
                      (facts.size_error.empty() ? "not asked yet" : facts.size_error));
  }
  return missing;
}

constexpr const char* kExemptionAwaited =
    "nobody says that the old server lets the relay's addresses pass SPF, DMARC, greylisting "
    "and rate limits: set old_server_exempts = true in [relay] when it does";

// SIZE 0 and no SIZE mean that no limit is told (RFC 1870 section 4).
bool too_small(const OldServerFacts& facts) {
  const std::int64_t old_limit = facts.size_old.value_or(0);
  const std::int64_t relay_limit = facts.size_relay.value_or(0);
  return old_limit > 0 && (relay_limit == 0 || relay_limit > old_limit);
}

nlohmann::json evidence_of(const OldServerFacts& facts) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const OldServerNodeFacts& node : facts.nodes) {
    nlohmann::json entry = {
        {"node", node.node}, {"result", to_text(node.result)}, {"reply", node.reply}};
    if (node.catch_all) entry["catch_all"] = *node.catch_all;
    nodes.push_back(std::move(entry));
  }
  nlohmann::json evidence = {{"nodes", std::move(nodes)}};
  if (facts.size_old) evidence["size_old"] = *facts.size_old;
  if (facts.size_relay) evidence["size_relay"] = *facts.size_relay;
  return evidence;
}

std::vector<std::string> size_faults(const OldServerFacts& facts) {
  if (!too_small(facts)) return {};
  return {
      fmt::format("the old server takes {} octets and the relay {}: larger messages would bounce",
                  *facts.size_old,
                  facts.size_relay.value_or(0) == 0 ? std::string("any number")
                                                    : std::to_string(*facts.size_relay))};
}

struct Weighed {
  GateVerdict verdict;
  Turn turn;
  std::string why;
};

Weighed weigh(const OldServerFacts& facts, const GatePlan& plan) {
  std::vector<std::string> faults = refusals(facts);
  // The old server is the customer's; the relay's limit is ours.
  const Turn mender = faults.empty() ? Turn::operator_ : Turn::customer;
  for (std::string& fault : size_faults(facts)) faults.push_back(std::move(fault));
  if (!faults.empty()) return {GateVerdict::fail, mender, judging::some_of(faults)};
  const std::vector<std::string> missing = gaps(facts);
  if (!missing.empty()) return {GateVerdict::unknown, Turn::time, judging::some_of(missing)};
  if (!plan.old_server_exempts) return {GateVerdict::waits, Turn::customer, kExemptionAwaited};
  return {GateVerdict::pass, Turn::none,
          fmt::format("the old server accepts RCPT from {} node{}", facts.nodes.size(),
                      judging::plural(facts.nodes.size()))};
}

}  // namespace

GateResult judge_old_server(const OldServerFacts& facts, const GatePlan& plan, Time now) {
  if (!plan.has_old_server) {
    return make("old-server", GateVerdict::not_asked, "the plan names no old server", now,
                judging::kTenMinutes);
  }
  if (facts.nodes.empty() || judging::never(facts.observed_at)) {
    return make("old-server", GateVerdict::unknown, "the old server was not asked yet", Time{},
                judging::kTenMinutes);
  }
  Weighed weighed = weigh(facts, plan);
  GateResult result = make("old-server", weighed.verdict, std::move(weighed.why), facts.observed_at,
                           judging::kTenMinutes);
  result.turn = weighed.turn;
  result.evidence = evidence_of(facts);
  return judging::aged(std::move(result), now);
}

}  // namespace mxswitch::orchestrator
