#include "orchestrator/relay_agent/flow.h"

#include "orchestrator/relay_agent/netstring.h"

namespace mxswitch::orchestrator {
namespace {

// "mail.shop.example[192.0.2.7]:25" names the host, its address and the port.
bool went_to(const std::string& relay, const NextHop& hop) {
  const auto open = relay.find('[');
  const auto close = relay.find(']');
  if (open == relay.npos || close == relay.npos || close < open) {
    return hop.kind == NextHopKind::lmtp_unix && relay.find(hop.path) != relay.npos;
  }
  if (hop.kind == NextHopKind::lmtp_unix) return relay.find(hop.path) != relay.npos;
  const auto address = std::string_view(relay).substr(open + 1, close - open - 1);
  if (!relay.ends_with("]:" + std::to_string(hop.port))) return false;
  return hop.is_address ? address == hop.host : std::string_view(relay).substr(0, open) == hop.host;
}

}  // namespace

DeliveredTo delivered_to(const LogEvent& event, const DomainState& domain) {
  const bool lmtp = domain.hosted.kind != NextHopKind::smtp;
  if (lmtp == (event.program == "lmtp" || event.program == "soak-lmtp") &&
      (lmtp || went_to(event.relay, domain.hosted))) {
    return DeliveredTo::hosted;
  }
  if (domain.forward && went_to(event.relay, *domain.forward)) return DeliveredTo::old_server;
  return DeliveredTo::other;
}

FlowCounts& FlowCollector::counts(const std::string& domain, Time at) {
  return counts_[{domain, std::chrono::floor<std::chrono::seconds>(at)}];
}

RecipientCounts* FlowCollector::recipient(const std::string& domain, const std::string& address,
                                          Time at) {
  const std::pair key{domain, address};
  if (recipients_.size() >= kAddressLimit && !recipients_.contains(key)) return nullptr;
  auto& counts = recipients_[key];
  counts.last_at = std::max(counts.last_at, at);
  return &counts;
}

void FlowCollector::accepted(const std::string& domain, Time at) { ++counts(domain, at).accepted; }

void FlowCollector::rejected(const std::string& domain, Time at) { ++counts(domain, at).rejected; }

void FlowCollector::addressed(const std::string& domain, const std::string& address, Time at) {
  if (auto* counted = recipient(domain, address, at)) ++counted->count;
}

void FlowCollector::old_rejected(const std::string& domain, const std::string& address, Time at) {
  if (auto* counted = recipient(domain, address, at)) ++counted->old_rejected;
}

void FlowCollector::logged(const LogEvent& event, const RelayState& state, Time at) {
  const auto address = split_address(event.recipient);
  const DomainState* domain = address ? state.find(address->domain) : nullptr;
  if (!domain) return;
  const auto& name = domain->record.row.domain;
  const auto where = delivered_to(event, *domain);
  if (event.status == LogStatus::deferred) {
    ++counts(name, at).deferred;
  } else if (where == DeliveredTo::hosted && event.status == LogStatus::sent) {
    ++counts(name, at).hosted;
  } else if (where == DeliveredTo::old_server) {
    auto* counted = recipient(name, event.recipient, at);
    if (event.status == LogStatus::sent) ++counts(name, at).forwarded;
    if (counted)
      ++(event.status == LogStatus::sent ? counted->old_accepted : counted->old_rejected);
  }
}

FlowCollector FlowCollector::take() {
  FlowCollector taken;
  std::swap(taken.counts_, counts_);
  std::swap(taken.recipients_, recipients_);
  return taken;
}

}  // namespace mxswitch::orchestrator
