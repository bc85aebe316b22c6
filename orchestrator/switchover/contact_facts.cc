// Whom alerts reach, and whether that depends on the domain being moved or on the relay: the
// mail of a contact must not go through what may be broken.

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alerts/outbox.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/dns/dns_name.h"

namespace mxswitch::orchestrator {
namespace {

// "ops@outside.example" or "https://hooks.example:8443/x" -> the host part.
std::string host_of(const std::string& target) {
  std::string host = target;
  if (const auto scheme = host.find("://"); scheme != std::string::npos) {
    host = host.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const auto at = host.rfind('@'); at != std::string::npos) host = host.substr(at + 1);
    if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
  } else if (const auto at = host.rfind('@'); at != std::string::npos) {
    host = host.substr(at + 1);
  }
  return host;
}

std::string masked(const std::string& target) {
  const auto at = target.find('@');
  if (target.find("://") != std::string::npos || at == std::string::npos || at == 0) {
    return host_of(target);
  }
  return target.substr(0, 1) + "***" + target.substr(at);
}

std::string channel_of(const std::string& target) {
  return target.find("://") == std::string::npos ? "mail" : "webhook";
}

bool lies_within(const std::string& host, const std::string& domain) {
  const auto name = probes::DnsName::parse(host);
  const auto apex = probes::DnsName::parse(domain);
  return name && apex && name->is_within(*apex);
}

bool is_same_name(const std::string& a, const std::string& b) {
  const auto left = probes::DnsName::parse(a), right = probes::DnsName::parse(b);
  return left && right && *left == *right;
}

}  // namespace

asio::awaitable<void> Switchover::refresh_contacts() {
  if (!plan_) co_return;
  const Looks::Look begun = looks_.begin();
  const std::vector<std::string> targets = plan_->targets;
  const auto work = [targets](monitor::Transaction& tx) {
    return monitor::contact_states(tx, targets);
  };
  auto states = co_await parts_.database.transact(work);
  if (!states) co_return;
  ContactFacts facts;
  std::vector<ContactView> views;
  for (const std::string& target : targets) {
    ContactChannelFacts channel;
    channel.channel = fmt::format("{} {}", channel_of(target), masked(target));
    channel.address = target;
    const auto fault = plan_->contact_faults.find(target);
    if (fault != plan_->contact_faults.end()) channel.not_external = fault->second;
    if (channel.not_external.empty()) {
      co_await look_up_dependence(target);
      channel.not_external = dependences_[target].fault;
      channel.not_known = dependences_[target].not_known;
    }
    for (const monitor::ContactState& state : *states) {
      if (state.target != target) continue;
      channel.acknowledged = state.acknowledged_at.has_value();
      channel.last_delivery_at = state.last_delivery_at;
      if (state.last_delivery_at) channel.last_delivery_ok = state.last_delivery_ok;
      channel.error = state.last_error;
      channel.reached_at = state.reached_at;
      if (state.reached_at) channel.reached_ok = state.reached_ok;
      if (state.reached_at && !state.reached_ok) channel.error = state.reach_error;
    }
    views.push_back({channel_of(target), masked(target), channel.acknowledged,
                     channel.last_delivery_ok.value_or(false), channel.last_delivery_at});
    facts.channels.push_back(std::move(channel));
  }
  if (!looks_.take(Fact::contact, begun)) co_return;
  facts.observed_at = parts_.clock.now();
  facts_.contact = std::move(facts);
  contacts_ = std::move(views);
  fact_moved();
}

// By the host's name alone; empty: nothing against it.
std::string Switchover::name_fault(const std::string& host) const {
  for (const std::string& own : plan_->own_domains) {
    if (lies_within(host, own)) return fmt::format("{} lies in {}, which is moved", host, own);
  }
  for (const std::string& exchange : plan_->exchanges) {
    if (is_same_name(host, exchange)) return fmt::format("{} is an exchange of the relay", host);
  }
  return {};
}

asio::awaitable<void> Switchover::weigh_host(std::string host, Dependence& found) {
  const std::string fault = name_fault(host);
  if (!fault.empty()) {
    found.fault = fault;
    co_return;
  }
  auto addresses = co_await parts_.outside.addresses(host);
  if (!addresses) {
    found.not_known = addresses.error().text();
    co_return;
  }
  for (const std::string& address : *addresses) {
    if (!is_relay_address(address)) continue;
    found.fault = fmt::format("{} ({}) is the relay", host, address);
  }
}

asio::awaitable<void> Switchover::look_up_dependence(std::string target) {
  const Time now = parts_.clock.now();
  const auto known = dependences_.find(target);
  const bool fresh = known != dependences_.end() && known->second.asked_at != Time{} &&
                     now - known->second.asked_at < intervals_.outside;
  if (fresh || !plan_) co_return;
  const std::uint64_t ground = ground_;
  Dependence found;
  if (facts_.relay.exchanges_at == Time{} && plan_->gate.has_relay) {
    found.not_known = kDependenceNotAsked;  // the relay's addresses are not known yet
    dependences_[target] = std::move(found);
    co_return;
  }
  const std::string host = host_of(target);
  std::vector<std::string> hosts = {host};
  if (channel_of(target) == "mail") {
    auto takers = co_await parts_.outside.mail_hosts(host);
    if (!takers) {
      found.not_known = takers.error().text();
      hosts.clear();
    } else if (takers->empty()) {
      found.fault = fmt::format("{} takes no mail (null MX)", host);
      hosts.clear();
    } else {
      hosts = *takers;
    }
  }
  for (const std::string& one : hosts) {
    if (found.fault.empty()) co_await weigh_host(one, found);
  }
  if (ground != ground_) co_return;  // weighed against what another plan moves
  found.asked_at = now;
  dependences_[target] = std::move(found);
}

}  // namespace mxswitch::orchestrator
