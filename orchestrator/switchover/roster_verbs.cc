// Commands about people: accounts and aliases at the relay, and the ways alerts leave.

#include <fmt/format.h>

#include "monitor/alerts/outbox.h"
#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

Refusal refusal_of(Error error) {
  const int code = error.fault == Fault::usage || error.fault == Fault::malformed ? 2 : 1;
  return Refusal{std::move(error), code};
}

}  // namespace

// All nodes, or the first error; a node that took it takes it again without harm.
asio::awaitable<Result<std::string>> Switchover::write_rosters(RosterWrite write,
                                                               std::string op_id) {
  write.op_id = op_id;
  std::string digest;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto read = co_await relay()->read_roster(node.id, domain_);
    if (!read) co_return tl::unexpected(read.error());
    const std::string key = sha256_hex(op_id + node.id).substr(0, 32);
    auto written = co_await relay()->write_roster(node.id, domain_, write, read->etag, key);
    if (!written) co_return tl::unexpected(written.error());
    digest = written->value.digest;
  }
  co_return digest;
}

// {"roster": RosterWrite}: names and hashes; passwords never come here.
asio::awaitable<Result<Operation>> Switchover::roster_verb(Command command, Operation operation) {
  if (relay() == nullptr) {
    co_return refused(operation, refusal_of({Fault::usage, "the plan's relay takes no roster",
                                             domain_, "name one in [relay]"}));
  }
  const json given =
      command.arguments.is_object() ? command.arguments.value("roster", json()) : json();
  auto write = parse<RosterWrite>(given.dump());
  if (!write) co_return refused(operation, refusal_of(write.error()));
  if (!write->catch_all) write->catch_all = plan_->catch_all;
  // A plan that was given a moment ago is made known to the nodes first.
  co_await refresh_relay();
  const Roster wanted = roster_of(*write);
  for (const RosterFault& fault : check_roster(domain_, wanted)) {
    co_return refused(
        operation, refusal_of({Fault::usage, fault.what, domain_ + ": " + fault.name, fault.mend}));
  }
  const RosterWrite checked = *write;
  const std::string op_id = operation.id;
  auto digest = co_await write_rosters(checked, op_id);
  if (!digest) co_return refused(operation, refusal_of(digest.error()));
  operation.detail["digest"] = *digest;
  operation.detail["accounts"] = wanted.accounts.size();
  operation.detail["aliases"] = wanted.aliases.size();
  operation.detail["text"] = fmt::format("{}: {} accounts and {} aliases are at every node",
                                         domain_, wanted.accounts.size(), wanted.aliases.size());
  Extras extras;
  extras.wanted_roster = to_json(wanted);
  extras.note = HistoryEntry{parts_.clock.now(), command.author, "roster", operation.detail["text"],
                             "digest " + digest->substr(0, 12)};
  auto kept = co_await keep_done(command, operation, extras);
  if (!kept) co_return tl::unexpected(kept.error());
  co_await read_rosters();
  publish();
  co_return operation;
}

// Sends each outside contact a message with a button; the press is what the gate asks for.
asio::awaitable<Result<Operation>> Switchover::alert_verb(Command command, Operation operation) {
  const std::string action = command.arguments.value("action", "test");
  if (action != "test") {
    co_return refused(
        operation, refusal_of({Fault::usage, fmt::format("unknown action \"{}\"", action), domain_,
                               "alert knows \"test\""}));
  }
  if (plan_->targets.empty()) {
    co_return refused(operation, refusal_of({Fault::usage, "the plan names no outside contact",
                                             domain_, "add [contact] external"}));
  }
  const Time now = parts_.clock.now();
  const auto work = [domain = domain_, targets = plan_->targets, url = parts_.public_url,
                     now](monitor::Transaction& tx) {
    for (const std::string& target : targets) {
      const std::string token = monitor::make_acknowledge_token(tx, domain, target, now);
      const monitor::Alert alert{
          domain, "contact-test",
          fmt::format("TEST {}: press the button to show that you read alerts here", domain),
          fmt::format("Open {}/ack/{} and press the button.\nWithout it the domain is not "
                      "switched: nobody would hear of trouble.",
                      url, token),
          now};
      monitor::enqueue_alert(tx, alert, {target});
    }
  };
  auto sent = co_await parts_.database.transact(work);
  if (!sent) co_return tl::unexpected(sent.error());
  operation.detail["text"] =
      fmt::format("{}: a test is on its way to {} contact(s)", domain_, plan_->targets.size());
  Extras extras;
  extras.note = HistoryEntry{now, command.author, "alert test", "tests the outside contacts",
                             fmt::format("{} contact(s)", plan_->targets.size())};
  auto kept = co_await keep_done(command, operation, extras);
  if (!kept) co_return tl::unexpected(kept.error());
  if (parts_.alert_queued) parts_.alert_queued();
  publish();
  co_return operation;
}

}  // namespace mxswitch::orchestrator
