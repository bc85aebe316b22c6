// One node of the relay: what it says of the domain, and the next hops that the plan gives it.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/switchover.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

std::string plain_address(const std::string& text) {
  const auto endpoint = probes::Endpoint::parse(text);
  return endpoint ? endpoint->address.text() : text;
}

// The same write of the same row has the same id, so that a node which refuses it at every look
// does not fill the journal. In the form of a UUID, as the contract asks.
std::string operation_id_of(const std::string& what) {
  const std::string hex = sha256_hex(what);
  return fmt::format("{}-{}-5{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                     hex.substr(15, 3), hex.substr(18, 12));
}

// Before a switch the next hops may follow the plan; later the route in use is left alone.
bool may_change_hops(State state) {
  return state == State::draft || state == State::forwarding || state == State::propagating ||
         state == State::ready;
}

std::vector<std::string> hop_faults(const PlanView& plan, const std::string& node,
                                    const RelayDomain& d, const std::string& mend) {
  std::vector<std::string> faults;
  const auto compare = [&](const char* name, const std::string& planned, const std::string& found) {
    if (planned.empty() || planned == found) return;
    faults.push_back(fmt::format("{} has {} = {}, the plan {}: {}", node, name,
                                 found.empty() ? "(none)" : found, planned, mend));
  };
  compare("forward", plan.forward, d.forward.value_or(""));
  compare("hosted", plan.hosted, d.hosted);
  return faults;
}

}  // namespace

// What all plans share lacks an ETag, and provokes nothing: it does while all is as it should be.
asio::awaitable<Result<Tagged<RelayDomain>>> Switchover::read_route(std::string node, Depth depth) {
  if (depth == Depth::shared) {
    auto seen = co_await relay()->look_at_domain(node, domain_, parts_.clock.now());
    if (!seen && seen.error().fault != Fault::not_found) co_return tl::unexpected(seen.error());
    if (seen && seen->in_force.route_seen_at && hop_faults(*plan_, node, *seen, "").empty()) {
      co_return Tagged<RelayDomain>{std::move(*seen), {}};
    }
  }
  co_return co_await relay()->read_domain(node, domain_);
}

asio::awaitable<void> Switchover::read_node(RelayNode node, Depth depth, RelayLook& look) {
  RelayNodeFacts fact;
  fact.id = node.id;
  for (const std::string& address : node.addresses) {
    fact.addresses.push_back(plain_address(address));
  }
  RelayNodeView& view = node_views_[node.id];
  view.id = node.id;
  auto read = co_await read_route(node.id, depth);
  if (!read && read.error().fault == Fault::not_found && kept_.machine.state == State::draft) {
    co_await register_domain(node.id);
    read = co_await relay()->read_domain(node.id, domain_);
    if (read) gather_anew();  // what was asked of the node before could not be answered
  }
  if (read) {
    const Tagged<RelayDomain> before = *read;
    fact.hop_faults = co_await follow_hops(node.id, before);
    // A write that was taken shows in the next read only.
    if (!fact.hop_faults.empty()) read = co_await relay()->read_domain(node.id, domain_);
    if (read && hop_faults(*plan_, node.id, read->value, "").empty()) fact.hop_faults.clear();
  }
  view.observed_at = parts_.clock.now();
  view.reachable = read || read.error().fault == Fault::not_found;
  fact.reachable =
      read || read.error().fault == Fault::not_found || read.error().fault == Fault::forbidden;
  fact.authenticated = read || read.error().fault == Fault::not_found;
  view.error = fact.error = read ? "" : read.error().text();
  view.mode.clear();
  if (read) {
    const RelayDomain& d = read->value;
    fact.mode = d.mode;
    fact.generation = view.generation = d.generation;
    fact.in_force = view.in_force = d.in_force.generation == d.generation;
    view.mode = to_text(d.mode);
    view.route_seen_at = d.in_force.route_seen_at;
    look.domains[node.id] = d;
    fact.unknown_domains = co_await unknown_domains(node.id);
  }
  look.facts.nodes.push_back(std::move(fact));
}

// A node that does not answer now is told by the read of the domain itself.
asio::awaitable<std::vector<std::string>> Switchover::unknown_domains(std::string node) {
  std::vector<std::string> unknown;
  const std::vector<std::string> others = plan_->gate.other_domains;
  for (const std::string& other : others) {
    auto read = co_await relay()->read_domain(node, other);
    if (!read && read.error().fault == Fault::not_found) unknown.push_back(other);
  }
  co_return unknown;
}

// The operation is known to be ours before it can be seen at the node.
asio::awaitable<bool> Switchover::keep_known_op(std::string op_id, std::string what,
                                                std::string why) {
  Extras extras;
  extras.known_ops = {op_id};
  extras.note = HistoryEntry{parts_.clock.now(), "mxswitch", what, why, "operation " + op_id};
  const Turns::Turn turn = co_await turns_.take();
  JournalStep step = journal_step(kept_.machine, extras);
  auto kept = co_await commit(step);
  if (kept) adopt(step, extras);
  co_return kept.has_value();
}

// Preflight: every node accepts the domain before its MX leads there.
asio::awaitable<void> Switchover::register_domain(std::string node) {
  if (plan_->hosted.empty()) co_return;  // the plan leaves the next hops to the relay
  DomainWrite write;
  if (!plan_->forward.empty()) write.forward = plan_->forward;
  write.hosted = plan_->hosted;
  write.mode = plan_->base();
  write.op_id = random_uuid();
  write.reason = "plan " + kept_.machine.digest.substr(0, 12);
  const std::string op_id = write.op_id, reason = write.reason, digest = kept_.machine.digest;
  const std::string what = "the domain is made known to " + node;
  const bool kept = co_await keep_known_op(op_id, what, reason);
  if (!kept) co_return;
  const std::string etag, key = sha256_hex(op_id + node).substr(0, 32);
  const StillWanted wanted = [this, digest] {
    return kept_.machine.state == State::draft && kept_.machine.digest == digest;
  };
  (void)co_await relay()->write_domain(node, domain_, write, etag, key, wanted);
}

// A corrected plan reaches a node that has its next hops from an earlier one. A row that somebody
// else wrote is left alone: the gate says so. Gives what differed before the write.
asio::awaitable<std::vector<std::string>> Switchover::follow_hops(std::string node,
                                                                  Tagged<RelayDomain> found) {
  const RelayDomain& d = found.value;
  const std::string remedy = "only before a switch does a plan change it: roll back, abort, apply";
  std::vector<std::string> faults = hop_faults(*plan_, node, d, remedy);
  const bool ours = kept_.known_ops.contains(d.op_id.value_or(""));
  // Asked again as the write leaves: a switch may have been accepted by then, or another plan.
  const StillWanted may_change = [this, digest = kept_.machine.digest] {
    return may_change_hops(kept_.machine.state) && !writing() && kept_.machine.digest == digest;
  };
  const bool writable = may_change() && d.mode == kept_.machine.base;
  if (faults.empty() || !ours || !writable) {
    if (!ours) faults = hop_faults(*plan_, node, d, "set it there, or correct the plan");
    co_return faults;
  }
  DomainWrite write;
  write.forward = plan_->forward.empty() ? d.forward : std::optional(plan_->forward);
  write.hosted = plan_->hosted.empty() ? d.hosted : plan_->hosted;
  write.reason = "plan " + kept_.machine.digest.substr(0, 12);
  write.op_id = operation_id_of(fmt::format("{}|{}|{}|{}|{}", domain_, node, found.etag,
                                            write.forward.value_or(""), write.hosted));
  const bool first_try = !kept_.known_ops.contains(write.op_id);
  if (first_try) {
    const std::string op_id = write.op_id, why = write.reason;
    const std::string what = fmt::format("next hops of {}: forward {}, hosted {}", node,
                                         write.forward.value_or("(none)"), write.hosted);
    const bool kept = co_await keep_known_op(op_id, what, why);
    if (!kept) co_return faults;
  }
  // A key of its own each time: a refusal that is over must not be replayed.
  const std::string key = random_uuid(), etag = found.etag;
  auto written = co_await relay()->write_domain(node, domain_, write, etag, key, may_change);
  if (!written) faults = hop_faults(*plan_, node, d, written.error().text());
  if (written && first_try) gather_anew();  // probes may have left by the old hop
  co_return faults;
}

}  // namespace mxswitch::orchestrator
