// plan check, plan apply: the file that says what shall happen to a domain's mail.
#include "deploy/mxswitch/verb_plan.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"
#include "orchestrator/plan/plan.h"

namespace mxswitch {
namespace {

struct PlanFlags {
  ServerFlags server;
  std::string file;
  bool as_json = false;
};

// Reads the file and its text; the daemon gets the text.
Result<std::pair<orchestrator::Plan, std::string>> read_plan_file(const std::string& path) {
  auto plan = orchestrator::read_plan(path);
  if (!plan) return tl::unexpected(plan.error());
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return std::pair(std::move(*plan), std::move(text));
}

int run_check_plan(const PlanFlags& flags) {
  const auto plan = read_plan_file(flags.file);
  if (!plan) return report_error(plan.error());
  fmt::print("{}: a good plan for {}: MX to {}\n", flags.file, plan->first.domain,
             plan->first.new_mx.text());
  return 0;
}

int run_apply(const PlanFlags& flags) {
  const auto plan = read_plan_file(flags.file);
  if (!plan) return report_error(plan.error());
  ClientCommand command{plan->first.domain, "plan", {}, {}};
  // Whole, so that `roster load` finds the files beside it from any directory.
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(flags.file, ignored).lexically_normal().string();
  command.arguments = {{"plan", plan->second}, {"name", ignored ? flags.file : whole}};
  return run_command(Client(flags.server), command, flags.as_json);
}

void add_file_verb(CLI::App& plan, Chosen& chosen, const char* name, const char* help,
                   int (*run)(const PlanFlags&), bool needs_server) {
  auto flags = std::make_shared<PlanFlags>();
  CLI::App* verb = plan.add_subcommand(name, help);
  verb->add_option("file", flags->file, "the plan's file")->required();
  if (needs_server) {
    verb->add_flag("--json", flags->as_json, "print the operation as JSON");
    add_server_flags(*verb, flags->server);
  }
  verb->footer(std::string("Example: mxswitch plan ") + name + " shop.example.toml");
  verb->callback([flags, run, &chosen] { chosen.run = [flags, run] { return run(*flags); }; });
}

}  // namespace

void add_plan(CLI::App& app, Chosen& chosen) {
  CLI::App* plan = app.add_subcommand("plan", "write, check or apply a plan");
  plan->require_subcommand(1);
  plan->footer("Example: mxswitch plan init shop.example");
  add_plan_init(*plan, chosen);
  add_file_verb(*plan, chosen, "check", "read the file, say what is wrong, send nothing",
                run_check_plan, false);
  add_file_verb(*plan, chosen, "apply", "give the plan to mxswitch serve", run_apply, true);
}

}  // namespace mxswitch
