// Gate `outbound`: the DKIM keys that the hosted side will sign with are published and sound, and
// DMARC would pass for what it sends in the domain's name.

#include <algorithm>

#include "orchestrator/gates/dmarc_passes.h"
#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"
#include "probes/mail/dkim_key.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;

// What is said of one server's answer; `error` empty: the key there is sound.
struct KeyFound {
  std::string error;
  std::vector<std::string> warnings;
  bool missing = false;  // nothing is there yet
};

KeyFound judge_key(const std::vector<std::string>& texts, const std::string& planned) {
  if (texts.empty()) return {"no key is published", {}, true};
  if (texts.size() > 1)
    return {
        fmt::format("{} TXT records stand there, one may: which is taken is chance", texts.size()),
        {},
        false};
  const auto key = probes::parse_dkim_key(texts.front());
  if (!key) return {"no DKIM key record: " + key.error().what, {}, false};
  std::string fault = probes::dkim_key_fault(*key);
  if (fault.empty() && !planned.empty() && key->data != planned)
    fault = "another key than the planned one is published";
  return {fault, probes::dkim_key_warnings(*key), false};
}

class Weighing {
 public:
  Weighing(const OutboundFacts& facts, const std::vector<SpfFacts>& spf, const GatePlan& plan)
      : facts_(facts), spf_(spf), plan_(plan) {}

  GateResult run() {
    for (const std::string& selector : plan_.dkim_selectors) weigh_selector(selector);
    weigh_dmarc();
    GateResult r = make("outbound", verdict(), why(), facts_.observed_at, judging::kQuarter);
    r.turn = turn(r.verdict);
    r.evidence = {{"selectors", plan_.dkim_selectors},
                  {"resolvers", resolvers_},
                  {"faults", faults_},
                  {"unpublished", unpublished_},
                  {"draining", draining_},
                  {"unknowns", unknowns_},
                  {"warnings", warnings_},
                  {"dmarc", dmarc_},
                  {"dmarc_owners", owners_}};
    return r;
  }

 private:
  void weigh_selector(const std::string& selector) {
    const std::string name = probes::dkim_key_name(selector, plan_.domain).value_or(selector);
    const auto found = std::ranges::find_if(
        facts_.selectors, [&](const DkimSelectorFacts& f) { return f.selector == selector; });
    if (found == facts_.selectors.end()) return unknown(name + " was not asked for yet");
    if (!found->authorities.error.empty())
      return unknown(fmt::format("{}: {}", name, found->authorities.error));
    const auto planned = plan_.dkim_keys.find(selector);
    const std::string key = planned == plan_.dkim_keys.end() ? std::string() : planned->second;
    const KeyFound published = judge_key(found->authorities.texts, key);
    for (const std::string& warning : published.warnings)
      warnings_.push_back(fmt::format("{}: {}", name, warning));
    if (!published.error.empty()) {
      auto& list = published.missing ? unpublished_ : faults_;
      return list.push_back(
          fmt::format("{}: {}: publish what the hosted side signs with", name, published.error));
    }
    weigh_resolvers(*found, name, key);
  }

  void weigh_resolvers(const DkimSelectorFacts& facts, const std::string& name,
                       const std::string& planned) {
    if (facts.resolvers.empty()) return unknown(name + ": no resolver was asked yet");
    std::vector<std::string> wrong, silent;
    std::string first;
    for (const DkimSource& source : facts.resolvers) {
      if (!source.error.empty()) {
        silent.push_back(source.source);
        continue;
      }
      const KeyFound seen = judge_key(source.texts, planned);
      if (seen.error.empty()) continue;
      if (wrong.empty()) first = seen.error;
      wrong.push_back(source.source);
    }
    resolvers_ = std::max(resolvers_, facts.resolvers.size());
    if (!wrong.empty())
      draining_.push_back(fmt::format("{}: {} at {}: wait until those caches expire", name, first,
                                      judging::some_of(wrong)));
    // As for MX: failures at up to a fifth of the resolvers are noise (PROPAGATION.md 2 D).
    if (silent.size() * 5 > facts.resolvers.size())
      unknown(fmt::format("{}: no answer from {}", name, judging::some_of(silent)));
  }

  void weigh_dmarc() {
    DmarcWeighed dmarc = orchestrator::weigh_dmarc(facts_, spf_, plan_);
    dmarc_ = std::move(dmarc.text);
    owners_ = std::move(dmarc.evidence);
    for (std::string& warning : dmarc.warnings) warnings_.push_back(std::move(warning));
    for (std::string& why : dmarc.unknowns) unknown(std::move(why));
    asks_operator_ = dmarc.asks_operator;
  }

  void unknown(std::string why) { unknowns_.push_back(std::move(why)); }

  GateVerdict verdict() const {
    if (!faults_.empty()) return GateVerdict::fail;
    if (!unpublished_.empty() || !draining_.empty()) return GateVerdict::waits;
    return unknowns_.empty() ? GateVerdict::pass : GateVerdict::unknown;
  }

  // The zone is the customer's; its caches are time's.
  Turn turn(GateVerdict verdict) const {
    if (!faults_.empty() || !unpublished_.empty()) return Turn::customer;
    if (verdict == GateVerdict::unknown && asks_operator_) return Turn::operator_;
    return judging::usual_turn(verdict);
  }

  std::string why() const {
    for (const auto* list : {&faults_, &unpublished_, &draining_})
      if (!list->empty()) return judging::one_line_of(*list);
    if (!unknowns_.empty()) return judging::one_line_of(unknowns_);
    std::string text = fmt::format(
        "{} key{} published and sound at the authorities and {} "
        "resolver{}; DMARC: {}",
        plan_.dkim_selectors.size(), judging::plural(plan_.dkim_selectors.size()), resolvers_,
        judging::plural(resolvers_), dmarc_);
    if (!warnings_.empty()) text += "; " + warnings_.front();
    return text;
  }

  const OutboundFacts& facts_;
  const std::vector<SpfFacts>& spf_;
  const GatePlan& plan_;
  std::vector<std::string> faults_, unpublished_, draining_, unknowns_, warnings_;
  bool asks_operator_ = false;
  std::string dmarc_;
  nlohmann::json owners_;
  std::size_t resolvers_ = 0;
};

}  // namespace

GateResult judge_outbound(const OutboundFacts& facts, const std::vector<SpfFacts>& spf,
                          const GatePlan& plan, Time now) {
  if (plan.dkim_selectors.empty()) {
    return make("outbound", GateVerdict::not_asked, "the plan names no DKIM selector", now,
                judging::kQuarter);
  }
  if (judging::never(facts.observed_at)) {
    return make("outbound", GateVerdict::unknown, "no key was asked for yet", Time{},
                judging::kQuarter);
  }
  return judging::aged(Weighing(facts, spf, plan).run(), now);
}

}  // namespace mxswitch::orchestrator
