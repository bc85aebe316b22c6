// alert test: the ways alerts leave, tried before they are needed.

#include <fmt/format.h>

#include "monitor/alerts/outbox.h"
#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

Refusal refusal_of(Error error) { return Refusal{std::move(error), 2}; }

}  // namespace

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
