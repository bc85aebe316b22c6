// freeze, unfreeze, override, waive, unwaive, approve, resolve, verify, finalize: a person's
// decisions, each with its reason in the history.
#include <CLI/CLI.hpp>
#include <memory>

#include "deploy/mxswitch/ask_reason.h"
#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"

namespace mxswitch {
namespace {

struct DecisionFlags {
  ServerFlags server;
  ClientCommand command;
  bool as_json = false;
};

// What a decision takes beside the domain.
struct Argument {
  const char* name;  // of the option, or of the positional
  const char* help;
  bool required;
};

struct Decision {
  const char* verb;
  const char* help;
  const char* example;
  std::vector<Argument> arguments;
};

const Argument kReason{"--reason", "kept in the history; asked for at a terminal", false};

const std::vector<Decision>& decisions() {
  static const std::vector<Decision> kDecisions = {
      {"freeze",
       "begin no switch until unfreeze; rollback and abort stay open",
       "freeze shop.example --reason \"provider maintenance\"",
       {kReason}},
      {"unfreeze",
       "end a freeze",
       "unfreeze shop.example --reason \"maintenance over\"",
       {kReason}},
      {"override",
       "open one gate for this plan, with a reason and an expiry",
       "override shop.example mta-sts --reason \"policy checked by hand\" --expires 2h",
       {{"gate", "id of the gate", true},
        kReason,
        {"--expires", "how long it holds (default 24h)", false}}},
      {"waive",
       "go on although this resolver still holds the old record",
       "waive shop.example 9.9.9.9 --reason \"keeps records for a day\"",
       {{"resolver", "address of the resolver", true},
        kReason,
        {"--owner", "the alias domain or subdomain it counts for (default the domain)", false},
        {"--until", "RFC 3339 time", false}}},
      {"unwaive",
       "take a waiver back: the resolver counts again",
       "unwaive shop.example 9.9.9.9 --reason \"waived by mistake\"",
       {{"resolver", "address of the resolver", true},
        kReason,
        {"--owner", "the alias domain or subdomain it was given for", false}}},
      {"approve", "approve an armed switch", "approve shop.example --reason \"seen\"", {kReason}},
      {"resolve",
       "end a blocked state: adopt what the relay does, or restore what was wanted",
       "resolve shop.example restore --reason \"someone edited the relay\"",
       {{"how", "adopt or restore", true}, kReason}},
      {"verify",
       "probe the hosted side again",
       "verify shop.example --reason \"after repair\"",
       {kReason}},
      {"finalize",
       "end the move: the old server may be switched off",
       "finalize shop.example --reason \"7 days without stray mail\"",
       {kReason}},
  };
  return kDecisions;
}

std::string key_of(std::string_view name) {
  return std::string(name.starts_with("--") ? name.substr(2) : name);
}

void add_decision(CLI::App& app, Chosen& chosen, const Decision& decision) {
  auto flags = std::make_shared<DecisionFlags>();
  flags->command.verb = decision.verb;
  CLI::App* verb = app.add_subcommand(decision.verb, decision.help);
  add_domain(*verb, flags->command.domain, "the domain being moved")->required();
  for (const Argument& argument : decision.arguments) {
    auto* option = verb->add_option_function<std::string>(
        argument.name,
        [flags, key = key_of(argument.name)](const std::string& value) {
          flags->command.arguments[key] = value;
        },
        argument.help);
    if (argument.required) option->required();
  }
  verb->add_flag("--json", flags->as_json, "print the operation as JSON");
  add_server_flags(*verb, flags->server);
  verb->footer(std::string("Example: mxswitch ") + decision.example);
  verb->callback([flags, &chosen] {
    chosen.run = [flags] {
      const std::string given = flags->command.arguments.value("reason", "");
      const auto reason = reason_of(given, flags->command.domain);
      if (!reason) return report_error(reason.error());
      flags->command.arguments["reason"] = *reason;
      return run_command(Client(flags->server), flags->command, flags->as_json);
    };
  });
}

}  // namespace

void add_decisions(CLI::App& app, Chosen& chosen) {
  for (const Decision& decision : decisions()) add_decision(app, chosen, decision);
}

}  // namespace mxswitch
