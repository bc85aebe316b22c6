// waive, unwaive: one resolver that is known to keep the old record holds a domain back no more.
// Each of the plan's domains is judged for itself, so a waiver belongs to one of them.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/switchover/arguments.h"
#include "orchestrator/switchover/switchover.h"
#include "orchestrator/switchover/waivers.h"

namespace mxswitch::orchestrator {

std::vector<WaiverKey> ended_waivers(const std::vector<Waiver>& waivers, const PlanView& before,
                                     const PlanView& after) {
  const auto expected = [](const PlanView& plan, const std::string& owner) {
    const auto found = std::ranges::find_if(
        plan.owners, [&](const auto& input) { return input.owner.text() == owner; });
    return found == plan.owners.end() ? nullptr : &found->expected;
  };
  std::vector<WaiverKey> ended;
  for (const Waiver& waiver : waivers) {
    const auto* was = expected(before, waiver.owner);
    const auto* is = expected(after, waiver.owner);
    if (!is || !was || *was != *is) ended.push_back(key_of(waiver));
  }
  return ended;
}

bool Switchover::owns(const std::string& domain) const {
  return plan_ && std::ranges::find(plan_->own_domains, domain) != plan_->own_domains.end();
}

// The one that the command names; the domain itself where it names none.
Result<probes::DnsName> Switchover::waived_owner(const Command& command) const {
  const std::string given = text(command, "owner");
  if (given.empty()) return plan_->owners.front().owner;
  auto name = probes::DnsName::from_user(given);
  if (!name) return name;
  const auto found = std::ranges::find(plan_->owners, *name, &monitor::PropagationInput::owner);
  if (found != plan_->owners.end()) return name;
  return fail(Fault::usage, fmt::format("{} is none of the plan's domains", given), domain_,
              "name the domain, one of its alias_domains or of its subdomains");
}

asio::awaitable<Result<Operation>> Switchover::waive_verb(Command command, Operation operation) {
  const Time now = parts_.clock.now();
  const auto owner = waived_owner(command);
  if (!owner) co_return refused(operation, Refusal{owner.error(), 2});
  WaiveCommand event{command.author, text(command, "reason"), text(command, "resolver"),
                     owner->text(), kept_.machine.digest};
  const auto end = end_of(command, now);
  if (!end) co_return refused(operation, Refusal{end.error(), 2});
  const auto allowed = advance(kept_.machine, event, now);
  if (!allowed) co_return refused(operation, allowed.error());
  auto waived = parts_.reports.waive(*owner, event.resolver, event.reason, *end);
  if (!waived) {
    const int code = waived.error().fault == Fault::blocked ? 3 : 2;
    co_return refused(operation, Refusal{waived.error(), code});
  }
  Extras extras;
  extras.waiver = Waiver{event.resolver, event.reason, event.author, now, *end, event.owner};
  operation.detail["text"] =
      fmt::format("{}: resolver {} is waived for {}", domain_, event.resolver, event.owner);
  auto done = co_await settle(command, operation, event, extras);
  if (!done || done->status != "done") restore_waiver(event.owner, event.resolver);
  co_return done;
}

// What was not kept is not in force either.
void Switchover::restore_waiver(const std::string& owner, const std::string& resolver) {
  const auto name = probes::DnsName::parse(owner);
  if (!name) return;
  const auto kept = std::ranges::find(kept_.waivers, WaiverKey{owner, resolver}, key_of);
  if (kept == kept_.waivers.end()) {
    parts_.reports.unwaive(*name, resolver);
  } else {
    (void)parts_.reports.waive(*name, resolver, kept->reason, kept->until);
  }
}

asio::awaitable<Result<Operation>> Switchover::unwaive_verb(Command command, Operation operation) {
  const auto owner = waived_owner(command);
  if (!owner) co_return refused(operation, Refusal{owner.error(), 2});
  UnwaiveCommand event{command.author, text(command, "reason"), text(command, "resolver"),
                       owner->text()};
  const WaiverKey key{event.owner, event.resolver};
  const bool stands =
      std::ranges::any_of(kept_.waivers, [&](const Waiver& w) { return key_of(w) == key; });
  if (!stands) {
    const Error nothing{Fault::usage,
                        fmt::format("{} is not waived for {}", event.resolver, event.owner),
                        domain_, "mxswitch history shows the waivers that were given"};
    co_return refused(operation, Refusal{nothing, 6});
  }
  Extras extras;
  extras.unwaived = {key};
  operation.detail["text"] = fmt::format("{}: the waiver of resolver {} for {} is taken back",
                                         domain_, event.resolver, event.owner);
  auto done = co_await settle(command, operation, event, extras);
  if (done && done->status == "done") parts_.reports.unwaive(*owner, event.resolver);
  co_return done;
}

}  // namespace mxswitch::orchestrator
