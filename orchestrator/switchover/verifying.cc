// After the switch: on every node a probe is delivered to the hosted side and read back.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/switchover/switchover.h"
#include "probes/base/secrets.h"

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

// If real mail came since the switch, at least one message was delivered. Empty: that holds.
asio::awaitable<std::string> Switchover::real_mail_missing() {
  const Time since = kept_.machine.since;
  std::int64_t accepted = 0, hosted = 0;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto flow = co_await relay()->read_flow(node.id, domain_, since);
    if (!flow) co_return flow.error().text();
    accepted += flow->accepted - flow->forwarded;
    hosted += flow->hosted;
  }
  if (accepted <= 0 || hosted > 0) co_return std::string();
  co_return fmt::format("{} real messages came and none was delivered yet", accepted);
}

asio::awaitable<void> Switchover::verify() {
  if (kept_.machine.state != State::verifying || relay() == nullptr) co_return;
  const std::uint64_t ground = ground_;
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
    const std::string mail = co_await real_mail_missing();
    if (!mail.empty()) missing.push_back(mail);
    if (!verifying_) co_return;
  }
  if (missing.empty()) {
    Verified event;
    event.evidence =
        fmt::format("probes through {} were read back by IMAP", fmt::join(delivered, ", "));
    verifying_.reset();
    co_await observe_on(ground, event);
  } else if (now - verifying_->begun_at >= kVerifyPatience) {
    VerifyFailed event;
    event.why = fmt::format("{}", fmt::join(missing, "; "));
    // New probes: the old ones may have been lost.
    verifying_.reset();
    verify_due_ = now + seconds(10);
    co_await observe_on(ground, event);
  }
}

// The mode stays: only a domain that was authorised and is on hosted is touched.
asio::awaitable<void> Switchover::end_grace() {
  const bool over = plan_ && kept_.machine.state == State::hosted && !writing() &&
                    parts_.clock.now() - kept_.machine.since >= plan_->unknown_grace;
  if (!over || relay() == nullptr || !kept_.machine.authorised) co_return;
  std::vector<std::string> deferring;
  for (const auto& [id, d] : node_domains_) {
    if (d.mode == Mode::hosted && d.unknown == UnknownNames::defer) deferring.push_back(id);
  }
  for (const std::string& id : deferring) co_await refuse_unknown_names(id);
}

asio::awaitable<void> Switchover::refuse_unknown_names(std::string node) {
  auto read = co_await relay()->read_domain(node, domain_);
  const bool ours = read && read->value.mode == Mode::hosted &&
                    read->value.unknown == UnknownNames::defer &&
                    kept_.known_ops.contains(read->value.op_id.value_or(""));
  if (!ours) co_return;
  WriteIntent intent;
  intent.op_id = random_uuid();
  intent.reason = "the grace for unknown names is over";
  intent.roster_digest = read->value.roster_digest;
  Extras extras;
  extras.known_ops = {intent.op_id};
  extras.note = HistoryEntry{parts_.clock.now(), "mxswitch", "unknown names are refused at " + node,
                             intent.reason, "operation " + intent.op_id};
  {
    const Turns::Turn turn = co_await turns_.take();
    if (kept_.machine.state != State::hosted || writing()) co_return;
    JournalStep step = journal_step(kept_.machine, extras);
    auto kept = co_await commit(step);
    if (!kept) co_return;
    adopt(step, extras);
  }
  const RouteWrite write = route_write(intent, Mode::hosted);
  const std::string key = write_key(intent, node, Mode::hosted);
  const std::string etag = read->etag;
  const StillWanted wanted = [this] {
    return kept_.machine.state == State::hosted && kept_.machine.authorised && !writing();
  };
  const WriteResult result =
      co_await relay()->write_route(node, domain_, write, etag, key, false, wanted);
  // What the node shows next time tells; until then it is not asked again.
  const bool newer = result.domain && result.domain->generation >= node_domains_[node].generation;
  if (newer) node_domains_[node] = *result.domain;
}

}  // namespace mxswitch::orchestrator
