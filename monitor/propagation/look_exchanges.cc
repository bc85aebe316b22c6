#include "monitor/propagation/look_exchanges.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

// What all servers of an exchange's zone said of its addresses, both families together.
struct Addresses {
  std::set<std::string> failures, who_failed;
  bool asked = false, aliased = false, answered = false, exists = false, has_address = false;
};

Addresses read(const LookSeen& seen, const DnsName& exchange) {
  Addresses found;
  for (const CompanionSample& sample : seen.exchanges) {
    if (sample.name != exchange) continue;
    found.asked = true;
    if (!is_conclusive(sample.outcome) || !sample.authoritative) {
      found.failures.insert(sample.failure.empty() ? "no usable answer" : sample.failure);
      found.who_failed.insert(fmt::format("{} ({})", sample.server.text(), sample.endpoint.text()));
      continue;
    }
    found.answered = true;
    found.aliased = found.aliased || sample.aliased;
    found.exists = found.exists || sample.outcome != Outcome::nxdomain;
    found.has_address = found.has_address || !sample.data.empty();
  }
  return found;
}

const ListedCompanion* listed(const LookSeen& seen, const DnsName& exchange) {
  const auto found =
      std::find_if(seen.companions.begin(), seen.companions.end(), [&](const ListedCompanion& one) {
        return one.name == exchange &&
               (one.type == probes::RrType::a || one.type == probes::RrType::aaaa);
      });
  return found == seen.companions.end() ? nullptr : &*found;
}

LookFact fact(Weight weight, std::string code, const DnsName& exchange, std::string rest,
              std::vector<std::string> who = {}) {
  return {weight, std::move(code),
          fmt::format("the exchange {} {}", exchange.text(), std::move(rest)), std::move(who)};
}

void judge(const LookSeen& seen, const DnsName& exchange, std::vector<LookFact>& facts) {
  const Addresses found = read(seen, exchange);
  const ListedCompanion* walk = listed(seen, exchange);
  if (found.aliased) {
    facts.push_back(fact(Weight::blocks, "exchange-alias", exchange,
                         "is an alias (CNAME), which an exchange must not be (RFC 2181 10.3): "
                         "some senders refuse it; publish the name at its end"));
  } else if (found.answered && !found.exists) {
    facts.push_back(fact(Weight::blocks, "exchange-missing", exchange,
                         "does not exist (NXDOMAIN): mail for it is not delivered"));
  } else if (found.answered && !found.has_address) {
    facts.push_back(fact(Weight::blocks, "exchange-no-address", exchange,
                         "has no address: mail for it is not delivered"));
  } else if (walk && walk->nonexistent) {
    // Nobody serves a zone for it, so there are no servers of its own to decide by: said, and left
    // to the reader.
    facts.push_back(fact(
        Weight::note, "exchange-undelegated", exchange,
        "does not exist, nor a zone for it: mail for it is not delivered (" + walk->fault + ")"));
  } else if (!found.answered && (found.asked || walk)) {
    const std::string why = found.asked ? *found.failures.begin() : walk->fault;
    facts.push_back(fact(Weight::open, "exchange-unknown", exchange,
                         "could not be looked at: " + why,
                         {found.who_failed.begin(), found.who_failed.end()}));
  } else if (!found.failures.empty()) {
    facts.push_back(fact(Weight::note, "exchange-server-failed", exchange,
                         "has a server that gave no usable answer: " + *found.failures.begin(),
                         {found.who_failed.begin(), found.who_failed.end()}));
  }
}

}  // namespace

std::vector<LookFact> exchange_facts(const LookSeen& seen) {
  std::vector<LookFact> facts;
  if (seen.expected.is_null()) return facts;
  std::set<DnsName> exchanges;
  for (const probes::Mx& mx : seen.expected.records()) exchanges.insert(mx.exchange);
  for (const DnsName& exchange : exchanges) judge(seen, exchange, facts);
  return facts;
}

}  // namespace mxswitch::monitor
