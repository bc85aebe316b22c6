// What the domain publishes for the mail that it sends: DKIM keys and the DMARC record.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "orchestrator/switchover/switchover.h"
#include "probes/mail/dkim_key.h"
#include "probes/mail/organisation.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::Outcome;

bool answered(Outcome outcome) {
  return outcome == Outcome::answered || outcome == Outcome::no_data ||
         outcome == Outcome::nxdomain;
}

DkimSource source_of(const monitor::TxtSample& sample) {
  DkimSource source;
  source.source = fmt::format("{} {}", sample.server, sample.endpoint.text());
  source.texts = sample.texts;
  if (!answered(sample.outcome)) source.error = "no usable answer";
  return source;
}

}  // namespace

asio::awaitable<DkimSelectorFacts> Switchover::look_up_selector(std::string selector) {
  DkimSelectorFacts facts;
  facts.selector = selector;
  facts.authorities.source = "the authorities";
  const std::string name = probes::dkim_key_name(selector, plan_->gate.domain).value_or(selector);
  const auto published = co_await parts_.outside.txt(name);
  if (!published) {
    facts.authorities.error = published.error().text();
    co_return facts;
  }
  facts.authorities.texts = *published;
  // Asking for what is not there yet would plant its absence.
  const auto asked = probes::DnsName::parse(name);
  if (published->empty() || !asked || !plan_) co_return facts;
  const probes::DnsName owner = plan_->owners.front().owner;
  const std::vector<monitor::TxtSample> samples =
      co_await parts_.reports.ask_resolvers(owner, *asked);
  for (const monitor::TxtSample& sample : samples) facts.resolvers.push_back(source_of(sample));
  co_return facts;
}

asio::awaitable<probes::DmarcAnswer> Switchover::ask_dmarc(std::string domain) {
  probes::DmarcAnswer answer;
  answer.domain = domain;
  const std::string name = "_dmarc." + domain;
  const auto found = co_await parts_.outside.txt(name);
  if (found)
    answer.texts = *found;
  else
    answer.error = found.error().text();
  co_return answer;
}

// Subdomains have one organisation, which is asked once.
asio::awaitable<std::vector<DmarcFacts>> Switchover::look_up_dmarc(
    std::vector<std::string> domains) {
  std::map<std::string, probes::DmarcAnswer> answers;
  std::vector<DmarcFacts> facts;
  for (const std::string& domain : domains) {
    std::string next = domain;
    DmarcFacts found;
    while (true) {
      if (!answers.contains(next)) {
        probes::DmarcAnswer answer = co_await ask_dmarc(next);
        answers[next] = std::move(answer);
      }
      found.asked.push_back(answers[next]);
      if (found.asked.size() > 1 || !probes::leads_to_parent(found.asked.front())) break;
      const auto organisation = probes::organisational_domain(domain);
      if (!organisation) found.asked.push_back({domain, {}, organisation.error().text()});
      if (!organisation || *organisation == domain) break;
      next = *organisation;
    }
    facts.push_back(std::move(found));
  }
  co_return facts;
}

asio::awaitable<void> Switchover::refresh_outbound() {
  if (!plan_ || plan_->gate.dkim_selectors.empty()) co_return;
  const Looks::Look begun = looks_.begin();
  OutboundFacts facts;
  facts.observed_at = parts_.clock.now();
  const std::vector<std::string> selectors = plan_->gate.dkim_selectors;
  for (const std::string& selector : selectors) {
    DkimSelectorFacts found = co_await look_up_selector(selector);
    facts.selectors.push_back(std::move(found));
    if (!plan_) co_return;
  }
  std::vector<std::string> domains = {plan_->gate.domain};
  domains.insert(domains.end(), plan_->gate.other_domains.begin(), plan_->gate.other_domains.end());
  facts.dmarc = co_await look_up_dmarc(domains);
  if (looks_.take(Fact::outbound, begun)) facts_.outbound = std::move(facts);
  fact_moved();
}

}  // namespace mxswitch::orchestrator
