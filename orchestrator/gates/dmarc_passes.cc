#include "orchestrator/gates/dmarc_passes.h"

#include <fmt/format.h>

#include "probes/mail/organisation.h"

namespace mxswitch::orchestrator {
namespace {

using probes::DmarcPolicy;

class Weighing {
 public:
  Weighing(const OutboundFacts& facts, const std::vector<SpfFacts>& spf, const GatePlan& plan)
      : facts_(facts), spf_(spf), plan_(plan) {}

  DmarcWeighed run() {
    std::vector<std::string> owners = {plan_.domain};
    owners.insert(owners.end(), plan_.other_domains.begin(), plan_.other_domains.end());
    for (std::size_t i = 0; i < owners.size(); ++i) weigh(owners[i], i);
    return std::move(made_);
  }

 private:
  void weigh(const std::string& owner, std::size_t index) {
    if (index >= facts_.dmarc.size() || facts_.dmarc[index].asked.empty())
      return unknown(owner, "", fmt::format("_dmarc.{} was not asked for yet", owner));
    const DmarcPolicy policy = probes::dmarc_policy(facts_.dmarc[index].asked);
    if (policy.state == DmarcPolicy::State::unknown) return unknown(owner, "", policy.text);
    if (!policy.warning.empty()) made_.warnings.push_back(policy.warning);
    if (policy.state != DmarcPolicy::State::found) return tell(owner, policy.text);
    if (sends_nothing(index))
      return tell(owner, policy.text + ": it sends no mail, as its SPF record says");
    weigh_identifiers(owner, index, policy);
  }

  void weigh_identifiers(const std::string& owner, std::size_t index, const DmarcPolicy& policy) {
    const auto dkim = probes::aligned(owner, plan_.domain, policy.record->strict_dkim);
    if (!dkim) return unknown(owner, policy.text, dkim.error().text());
    const bool spf = new_senders_pass(index);
    const std::string by_dkim =
        fmt::format("by DKIM where the hosted side signs with d={}", plan_.domain);
    const std::string by_spf = "by SPF from the new senders";
    if (*dkim)
      return tell(owner, fmt::format("{}: passes {}{}", policy.text, by_dkim,
                                     spf ? ", and " + by_spf : "; not proved by SPF"));
    const std::string apart = fmt::format(
        "d={} is {}", plan_.domain,
        policy.record->strict_dkim ? "another domain (adkim=s)" : "another organisation's");
    if (spf || !policy.in_force())
      return tell(owner, fmt::format("{}: {}; {}", policy.text,
                                     spf ? "passes " + by_spf : "not proved to pass", apart));
    made_.asks_operator = true;
    unknown(owner, policy.text,
            fmt::format("mail of {} is not proved to pass {}: {}, and SPF is not right for the new "
                        "senders: sign with d={}, under a plan of its own",
                        owner, policy.text, apart, owner));
  }

  // MAIL FROM is of `owner` itself, so it is aligned in either mode.
  bool new_senders_pass(std::size_t index) const {
    return plan_.spf_asked && plan_.spf_has_new_senders && index < spf_.size() &&
           spf_[index].matrix.state == monitor::SpfState::right && !sends_nothing(index);
  }
  bool sends_nothing(std::size_t index) const {
    return index < spf_.size() && spf_[index].matrix.sends_nothing;
  }

  void tell(const std::string& owner, std::string text) {
    made_.evidence.push_back({{"owner", owner}, {"dmarc", text}});
    if (made_.evidence.size() == 1) made_.text = std::move(text);
  }
  void unknown(const std::string& owner, const std::string& policy, std::string why) {
    made_.evidence.push_back({{"owner", owner}, {"dmarc", policy}, {"unknown", why}});
    made_.unknowns.push_back(std::move(why));
  }

  const OutboundFacts& facts_;
  const std::vector<SpfFacts>& spf_;
  const GatePlan& plan_;
  DmarcWeighed made_;
};

}  // namespace

DmarcWeighed weigh_dmarc(const OutboundFacts& facts, const std::vector<SpfFacts>& spf,
                         const GatePlan& plan) {
  return Weighing(facts, spf, plan).run();
}

}  // namespace mxswitch::orchestrator
