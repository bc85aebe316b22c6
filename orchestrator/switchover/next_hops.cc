// No next hop may be a node of the relay (SWITCHOVER.md 5.10): customers repoint `mail.` at us.
// The agent answers TEMP for such a route by itself; here the domain is blocked and people told.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "orchestrator/switchover/switchover.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::orchestrator {
namespace {

// "smtp:[mail.shop.example]:25" and "lmtp:inet:[192.0.2.1]:24" -> the host; empty for a socket.
std::string host_of_hop(const std::string& hop) {
  std::string rest;
  for (const char* prefix : {"smtp:", "lmtp:inet:"}) {
    if (hop.starts_with(prefix)) rest = hop.substr(std::string(prefix).size());
  }
  if (!rest.starts_with('[')) return rest.substr(0, rest.find(':'));
  const std::string host = rest.substr(1, rest.find(']') - 1);
  return host.starts_with("IPv6:") ? host.substr(5) : host;
}

// By the state, not by the newest read: that may be from before a switch.
Mode mode_in_use(const MachineState& s) {
  switch (s.state) {
    case State::switching:
    case State::verifying:
    case State::hosted:
    case State::final_:
      return Mode::hosted;
    case State::held:
      return Mode::hold;
    default:
      return s.base;
  }
}

}  // namespace

bool Switchover::is_relay_address(const std::string& address) const {
  if (RelayControl* control = relay()) {
    for (const RelayNode& node : control->nodes()) {
      for (const std::string& listed : node.addresses) {
        const auto endpoint = probes::Endpoint::parse(listed);
        if (address == (endpoint ? endpoint->address.text() : listed)) return true;
      }
    }
  }
  return std::ranges::any_of(facts_.relay.exchanges, [&](const auto& exchange) {
    return std::ranges::find(exchange.second, address) != exchange.second.end();
  });
}

// Those of the plan and those that the nodes have in force; sockets lead nowhere else.
std::vector<Switchover::NextHopFact> Switchover::next_hops() const {
  std::set<NextHopFact> hops;
  const auto add = [&](const std::string& hop, Mode mode) {
    const std::string host = host_of_hop(hop);
    if (!host.empty()) hops.insert({hop, host, mode});
  };
  add(plan_->forward, Mode::forward);
  add(plan_->hosted, Mode::hosted);
  for (const auto& [node, d] : node_domains_) {
    add(d.forward.value_or(""), Mode::forward);
    add(d.hosted, Mode::hosted);
  }
  return {hops.begin(), hops.end()};
}

asio::awaitable<void> Switchover::refresh_next_hops() {
  if (!plan_ || relay() == nullptr) co_return;
  const std::uint64_t ground = ground_;
  const Looks::Look begun = looks_.begin();
  std::vector<std::string> loops;
  std::optional<NextHopLoops> in_use;
  const std::vector<NextHopFact> hops = next_hops();
  for (const NextHopFact& hop : hops) {
    const std::string host = hop.host;
    auto addresses = co_await parts_.outside.addresses(host);
    // One that can't be resolved defers mail; it sends none round.
    if (!addresses) continue;
    const auto ours = std::ranges::find_if(
        *addresses, [&](const std::string& address) { return is_relay_address(address); });
    if (ours == addresses->end()) continue;
    const std::string why = fmt::format("the next hop {} of {} ({}) is a node of the relay",
                                        hop.hop, to_text(hop.mode), *ours);
    loops.push_back(why);
    if (hop.mode == mode_in_use(kept_.machine)) in_use = NextHopLoops{hop.host, why};
  }
  if (!looks_.take(Fact::next_hops, begun)) co_return;
  facts_.relay.loops = std::move(loops);
  fact_moved();
  if (in_use && !writing()) {
    const Event event = *in_use;
    co_await observe_on(ground, event);
  }
}

}  // namespace mxswitch::orchestrator
