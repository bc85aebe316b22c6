// Probes through the relay: does the old server take mail from every node, and does mail come
// through every address of every exchange?

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/switchover.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

bool before_the_switch(State state) {
  return state == State::draft || state == State::forwarding || state == State::propagating ||
         state == State::ready || state == State::armed;
}

OldServerNodeFacts& old_server_node(OldServerFacts& facts, const std::string& node) {
  for (OldServerNodeFacts& fact : facts.nodes) {
    if (fact.node == node) return fact;
  }
  facts.nodes.push_back({node, ProbeResult::waiting, "", std::nullopt, ""});
  return facts.nodes.back();
}

}  // namespace

asio::awaitable<void> Switchover::refresh_old_server() {
  const bool asked = plan_ && relay() != nullptr && plan_->gate.has_old_server &&
                     before_the_switch(kept_.machine.state);
  if (!asked) co_return;
  const Looks::Look begun = looks_.begin();
  const std::string old_server = plan_->old_server;
  std::vector<PendingProbe> asked_now;
  std::map<std::string, std::string> errors;  // by node
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    for (const bool random_name : {false, true}) {
      ProbeWrite write;
      write.kind = ProbeKind::forward;
      write.recipient =
          random_name ? fmt::format("{}@{}", random_hex(12), domain_) : plan_->gate.probe_recipient;
      auto probe = co_await relay()->make_probe(node.id, domain_, write);
      if (!random_name) errors[node.id] = probe ? "" : probe.error().text();
      if (probe) asked_now.push_back({node.id, probe->id, "", "", random_name});
    }
  }
  if (!looks_.take(Fact::old_server, begun)) co_return;
  old_server_probes_ = std::move(asked_now);
  for (const auto& [node, error] : errors) old_server_node(facts_.old_server, node).error = error;
  facts_.old_server.observed_at = parts_.clock.now();
  facts_.old_server.size_error.clear();
  if (old_server.empty()) {
    facts_.old_server.size_error = "the plan names no [relay] forward to ask";
  } else {
    auto old_limit = co_await parts_.outside.size_limit(old_server);
    std::string relay_server;
    if (!nodes.empty() && !nodes.front().addresses.empty()) {
      relay_server = nodes.front().addresses.front();
    }
    auto relay_limit = co_await parts_.outside.size_limit(relay_server);
    if (!looks_.take(Fact::old_server, begun)) co_return;
    if (old_limit) facts_.old_server.size_old = *old_limit;
    if (relay_limit) facts_.old_server.size_relay = *relay_limit;
    if (!old_limit) facts_.old_server.size_error = old_limit.error().text();
    if (!relay_limit) facts_.old_server.size_error = relay_limit.error().text();
  }
  facts_.old_server.size_asked = true;
  fact_moved();
  co_await read_probes();
}

asio::awaitable<void> Switchover::refresh_flow_probes() {
  if (!plan_ || relay() == nullptr) co_return;
  if (facts_.relay.exchanges.empty()) co_await refresh_outside();
  inbound_probes_.clear();
  const std::vector<RelayNode> nodes = relay()->nodes();
  const auto exchanges = facts_.relay.exchanges;
  for (const auto& [exchange, addresses] : exchanges) {
    for (const std::string& address : addresses) {
      FlowAddressFacts& arrival = arrivals_[address];
      arrival.exchange = exchange;
      arrival.address = address;
      arrival.error = "it is no address of a listed node";
      for (const RelayNode& node : nodes) {
        // The port of a node's address is that of its SMTP server; exchanges have none.
        for (const std::string& listed : node.addresses) {
          const auto endpoint = probes::Endpoint::parse(listed);
          if (!endpoint || endpoint->address.text() != address) continue;
          ProbeWrite write;
          auto probe = co_await relay()->make_probe(node.id, domain_, write);
          if (!probe) {
            arrivals_[address].error = probe.error().text();
            continue;
          }
          inbound_probes_.push_back({node.id, probe->id, exchange, address, false});
          auto sent = co_await parts_.outside.send_probe(listed, probe->address);
          FlowAddressFacts& under_way = arrivals_[address];
          under_way.error = sent ? "sent, not seen to arrive yet" : sent.error().text();
          if (!sent)
            under_way.under_way_since.reset();
          else if (!under_way.under_way_since)
            under_way.under_way_since = parts_.clock.now();
        }
      }
    }
  }
  std::erase_if(arrivals_, [&](const auto& entry) {
    const auto found = exchanges.find(entry.second.exchange);
    return found == exchanges.end() ||
           std::ranges::find(found->second, entry.first) == found->second.end();
  });
  fact_moved();
  co_await read_probes();
}

asio::awaitable<void> Switchover::read_probes() {
  if (!plan_ || relay() == nullptr) co_return;
  // One whose end is known is not asked for again.
  const auto forget = [](std::vector<PendingProbe>& probes, const std::string& id) {
    std::erase_if(probes, [&](const PendingProbe& probe) { return probe.id == id; });
  };
  const auto inbound = inbound_probes_;
  for (const PendingProbe& pending : inbound) {
    auto probe = co_await relay()->read_probe(pending.node, domain_, pending.id);
    if (!probe) continue;
    FlowAddressFacts& arrival = arrivals_[pending.address];
    const bool arrived =
        probe->result == ProbeResult::accepted || probe->result == ProbeResult::delivered;
    if (!arrived) continue;
    const auto seen = probe->accepted_at ? probe->accepted_at : probe->delivered_at;
    arrival.arrived_at = seen ? *seen : parts_.clock.now();
    arrival.error.clear();
    arrival.under_way_since.reset();
    forget(inbound_probes_, pending.id);
    fact_moved();
  }
  facts_.flow.addresses.clear();
  for (const auto& [address, arrival] : arrivals_) facts_.flow.addresses.push_back(arrival);
  facts_.flow.observed_at = parts_.clock.now();

  const auto forward = old_server_probes_;
  for (const PendingProbe& pending : forward) {
    auto probe = co_await relay()->read_probe(pending.node, domain_, pending.id);
    if (!probe || probe->result == ProbeResult::waiting) continue;
    // Another plan may have another old server, and forgot this probe.
    const auto still = std::ranges::find(old_server_probes_, pending.id, &PendingProbe::id);
    if (still == old_server_probes_.end()) continue;
    forget(old_server_probes_, pending.id);
    fact_moved();
    OldServerNodeFacts& fact = old_server_node(facts_.old_server, pending.node);
    const bool taken =
        probe->result == ProbeResult::accepted || probe->result == ProbeResult::delivered;
    if (pending.random_name) {
      fact.catch_all = taken;
    } else {
      fact.result = probe->result;
      fact.reply = probe->reply.value_or("");
    }
  }
}

// A rollback asks first; whatever the answer, it goes on. Empty: the old server takes mail.
asio::awaitable<std::string> Switchover::ask_old_server() {
  const std::vector<RelayNode> nodes = relay()->nodes();
  std::string last = "no node answers";
  for (const RelayNode& node : nodes) {
    ProbeWrite write;
    write.kind = ProbeKind::forward;
    write.recipient = plan_->gate.probe_recipient;
    auto probe = co_await relay()->make_probe(node.id, domain_, write);
    if (!probe) {
      last = probe.error().text();
      continue;
    }
    Result<Probe> read = *probe;
    for (int i = 0; i < 10 && read && read->result == ProbeResult::waiting; ++i) {
      co_await pause(Duration(100));
      read = co_await relay()->read_probe(node.id, domain_, probe->id);
    }
    if (!read) {
      last = read.error().text();
    } else if (read->result == ProbeResult::accepted || read->result == ProbeResult::delivered) {
      co_return std::string();
    } else {
      last = read->result == ProbeResult::waiting ? "no answer within a second"
                                                  : read->reply.value_or("refused");
    }
  }
  co_return last;
}

}  // namespace mxswitch::orchestrator
