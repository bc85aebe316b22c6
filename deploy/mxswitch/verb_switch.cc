// switch, rollback, abort: what moves mail. `switch` is gated; the way back needs only a reason.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <thread>

#include "deploy/mxswitch/ask_reason.h"
#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"

namespace mxswitch {
namespace {

struct SwitchFlags {
  ServerFlags server;
  std::string domain, reason, plan, to = "forward";
  bool dry_run = false, wait = false, as_json = false;
};

constexpr Duration kLookEvery = seconds(1);

std::string switchover_path(const std::string& domain) { return "/api/v1/switchovers/" + domain; }

// Waiting does not end by itself while somebody has frozen it.
std::optional<Error> frozen_fault(const nlohmann::json& snapshot, const std::string& domain) {
  if (!snapshot.value("frozen", false)) return std::nullopt;
  const auto freeze = snapshot.find("freeze");
  const bool told = freeze != snapshot.end() && freeze->is_object();
  return Error{Fault::blocked, told ? freeze->value("text", "frozen") : "frozen", domain,
               fmt::format("mxswitch unfreeze {} --reason \"...\"", domain)};
}

// Waits until every gate is open but the operator's, which the command itself opens.
Result<nlohmann::json> wait_until_ready(const Client& client, const std::string& domain) {
  std::string shown;
  while (true) {
    auto snapshot = client.json(switchover_path(domain));
    if (!snapshot) return snapshot;
    const std::string state = snapshot->value("state", "");
    const bool waits = state == "draft" || state == "forwarding" || state == "propagating";
    if (waits || state == "ready") {
      if (auto frozen = frozen_fault(*snapshot, domain)) return Failure(*frozen);
    }
    if (!waits) return snapshot;
    const std::string waiting = snapshot->value("waiting_for", "");
    if (waiting != shown) fmt::print(stderr, "{}\n", printable_lines(state + ": " + waiting));
    shown = waiting;
    std::this_thread::sleep_for(kLookEvery);
  }
}

// A person types the domain; a script names the digest. Both say which plan is meant.
Result<std::string> confirmed_digest(const SwitchFlags& flags, const nlohmann::json& snapshot) {
  if (!flags.plan.empty()) return flags.plan;
  const std::string digest = snapshot.value("plan_digest", "");
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(Fault::usage, "a script must say which plan it means", flags.domain,
                "add --plan " + digest.substr(0, 12));
  }
  fmt::print(stderr, "Plan {} of {} (state {}).\nType the domain to switch it to hosted: ",
             digest.substr(0, 12), flags.domain, snapshot.value("state", ""));
  std::string typed;
  std::getline(std::cin, typed);
  if (typed != flags.domain) {
    return fail(Fault::usage, "\"" + typed + "\" is not the domain; nothing was done",
                flags.domain);
  }
  return digest;
}

int run_switch(const SwitchFlags& flags) {
  const Client client(flags.server);
  const auto reason = reason_of(flags.reason, flags.domain);
  if (!reason) return report_error(reason.error());
  const auto snapshot = flags.wait ? wait_until_ready(client, flags.domain)
                                   : client.json(switchover_path(flags.domain));
  if (!snapshot) return report_error(snapshot.error());
  const auto digest = flags.dry_run && flags.plan.empty()
                          ? Result<std::string>(snapshot->value("plan_digest", ""))
                          : confirmed_digest(flags, *snapshot);
  if (!digest) return report_error(digest.error());
  ClientCommand command{flags.domain, "switch", {}, *digest};
  command.arguments = {{"reason", *reason}, {"dry_run", flags.dry_run}, {"plan", *digest}};
  return run_command(client, command, flags.as_json);
}

int run_way_back(const SwitchFlags& flags, const std::string& verb) {
  const auto reason = reason_of(flags.reason, flags.domain);
  if (!reason) return report_error(reason.error());
  ClientCommand command{flags.domain, verb, {{"reason", *reason}}, {}};
  if (verb == "rollback") command.arguments["to"] = flags.to;
  return run_command(Client(flags.server), command, flags.as_json);
}

std::shared_ptr<SwitchFlags> add_common(CLI::App& verb) {
  auto flags = std::make_shared<SwitchFlags>();
  add_domain(verb, flags->domain, "the domain being moved")->required();
  add_reason(verb, flags->reason);
  verb.add_flag("--json", flags->as_json, "print the operation as JSON");
  add_server_flags(verb, flags->server);
  return flags;
}

}  // namespace

void add_switch(CLI::App& app, Chosen& chosen) {
  CLI::App* verb = app.add_subcommand(
      "switch", "switch the relay from forward to hosted, if every gate is open");
  auto flags = add_common(*verb);
  verb->add_option("--plan", flags->plan,
                   "digest of the plan that is meant (8 characters or more)");
  verb->add_flag("--dry-run", flags->dry_run,
                 "judge everything, say what would be done, change nothing");
  verb->add_flag("--wait", flags->wait, "wait until the gates are open, then switch");
  verb->footer(
      "Example: mxswitch switch shop.example --reason \"ticket 4711\"\n"
      "Exit: 0 switched, 3 a gate is closed, 4 in flight, 5 blocked");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_switch(*flags); }; });

  CLI::App* back = app.add_subcommand("rollback", "send the mail to the old server again");
  auto back_flags = add_common(*back);
  back->add_option("--to", back_flags->to, "forward, or hold when the old server is dead")
      ->check(CLI::IsMember({"forward", "hold"}))
      ->capture_default_str();
  back->footer("Example: mxswitch rollback shop.example --reason \"mail of sales is missing\"");
  back->callback([back_flags, &chosen] {
    chosen.run = [back_flags] { return run_way_back(*back_flags, "rollback"); };
  });

  CLI::App* abort = app.add_subcommand("abort", "give the move up; the relay stays on forward");
  auto abort_flags = add_common(*abort);
  abort->footer("Example: mxswitch abort shop.example --reason \"customer stays\"");
  abort->callback([abort_flags, &chosen] {
    chosen.run = [abort_flags] { return run_way_back(*abort_flags, "abort"); };
  });
}

}  // namespace mxswitch
