// After the switch: on every node a probe is delivered to the hosted side and read back.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {
namespace {

constexpr Duration kVerifyPatience = seconds(30);  // then it is told that it did not work yet
constexpr Duration kVerifyPause = Duration(500);

}  // namespace

// What is still missing at this node; empty: nothing.
asio::awaitable<Result<std::string>> Switchover::verify_node(RelayNode node) {
  if (!verifying_->probes.contains(node.id)) {
    ProbeWrite write;
    write.kind = ProbeKind::hosted;
    auto probe = co_await relay()->make_probe(node.id, domain_, write);
    if (!probe) co_return tl::unexpected(probe.error());
    if (node.addresses.empty()) co_return fail(Fault::usage, "the node has no address", node.id);
    const std::string recipient = probe->address;
    const Probe made = *probe;
    auto sent = co_await parts_.outside.send_probe(node.addresses.front(), recipient);
    if (!sent) co_return tl::unexpected(sent.error());
    if (verifying_) verifying_->probes[node.id] = made;
  }
  if (!verifying_) co_return std::string("given up");
  const Probe probe = verifying_->probes[node.id];
  auto read = co_await relay()->read_probe(node.id, domain_, probe.id);
  if (!read) co_return tl::unexpected(read.error());
  if (read->result == ProbeResult::refused || read->result == ProbeResult::expired) {
    if (verifying_) verifying_->probes.erase(node.id);
    co_return fail(
        Fault::unavailable,
        fmt::format("the probe was {}: {}", to_text(read->result), read->reply.value_or("")),
        node.id);
  }
  // The mailbox is the better witness; the node's word alone does not count.
  auto found = co_await parts_.outside.in_mailbox(plan_->relay, probe.address);
  if (!found) co_return tl::unexpected(found.error());
  co_return *found
      ? std::string()
      : fmt::format("{}: the probe is not in the mailbox yet ({})", node.id, to_text(read->result));
}

asio::awaitable<void> Switchover::verify() {
  if (kept_.machine.state != State::verifying || relay() == nullptr) co_return;
  const Time now = parts_.clock.now();
  if (!verifying_) verifying_ = Verifying{{}, now};
  verify_due_ = now + kVerifyPause;
  std::vector<std::string> missing, delivered;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto state = co_await verify_node(node);
    if (!verifying_) co_return;
    if (!state) {
      missing.push_back(state.error().text());
    } else if (!state->empty()) {
      missing.push_back(*state);
    } else {
      delivered.push_back(node.id);
    }
  }
  if (missing.empty()) {
    Verified event;
    event.evidence =
        fmt::format("probes through {} were read back by IMAP", fmt::join(delivered, ", "));
    verifying_.reset();
    co_await observe(event);
  } else if (now - verifying_->begun_at >= kVerifyPatience) {
    VerifyFailed event;
    event.why = fmt::format("{}", fmt::join(missing, "; "));
    // New probes: the old ones may have been lost.
    verifying_.reset();
    verify_due_ = now + seconds(10);
    co_await observe(event);
  }
}

}  // namespace mxswitch::orchestrator
