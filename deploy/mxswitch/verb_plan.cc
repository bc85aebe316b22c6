// plan init, plan check, plan apply: the file that says what shall happen to a domain's mail.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/watch/ask.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/plan_template.h"

namespace mxswitch {
namespace {

struct PlanFlags {
  ServerFlags server;
  DnsFlags dns;
  std::string domain, file, new_mx, forward, hosted, accounts, aliases, relay;
  std::vector<std::string> contacts;
  bool as_json = false, lab = false;
};

// What the authorities serve now: the old set and its TTL.
std::optional<monitor::AuthoritySample> find_old_mx(const probes::DnsName& domain,
                                                    const DnsSetup& setup) {
  const SystemClock clock;
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  std::optional<monitor::AuthoritySample> found;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        const auto delegation =
            co_await probes::find_delegation(*transport, domain, setup.delegation);
        if (delegation) {
          for (const auto& server : delegation->servers) {
            if (server.endpoints.empty() || found) continue;
            monitor::AuthorityAsk ask;
            ask.owner = domain;
            ask.server = server.name;
            ask.endpoint = server.endpoints.front();
            const auto sample = co_await monitor::ask_authority(*transport, ask);
            if (sample.outcome == monitor::Outcome::answered) found = sample;
          }
        }
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  return found;
}

// Asks at a terminal for what no flag gave; elsewhere the fallback stands.
std::string answer(const std::string& given, const std::string& question,
                   const std::string& fallback) {
  if (!given.empty() || ::isatty(STDIN_FILENO) == 0) return given.empty() ? fallback : given;
  fmt::print(stderr, "{} [{}]: ", question, fallback);
  std::string line;
  std::getline(std::cin, line);
  return line.empty() ? fallback : line;
}

orchestrator::PlanAnswers ask_answers(const PlanFlags& flags, const std::string& domain,
                                      const std::optional<monitor::AuthoritySample>& old) {
  orchestrator::PlanAnswers answers;
  answers.domain = domain;
  answers.relay = flags.relay;
  answers.lab_policy = flags.lab;
  if (old) {
    answers.old_mx = old->set.text();
    answers.old_ttl = seconds(old->ttl);
    fmt::print(stderr, "Mail goes now to: {} (TTL {} s)\n", *answers.old_mx, old->ttl);
    if (old->ttl > 3600) {
      fmt::print(stderr, "Advice: lower that TTL before the change; it is how long you wait.\n");
    }
  } else {
    fmt::print(stderr, "No authority answered for {}: the old MX is not known.\n", domain);
  }
  const std::string old_host =
      old && !old->set.empty() ? old->set.records().front().exchange.text() : "mail." + domain;
  answers.new_mx = answer(flags.new_mx, "The new MX set (your relay)",
                          "10 mx1.filter.example, 20 mx2.filter.example");
  answers.forward =
      answer(flags.forward, "Next hop to the old server", "smtp:[" + old_host + "]:25");
  answers.hosted =
      answer(flags.hosted, "Next hop to the hosted mailboxes", "lmtp:unix:private/dovecot-lmtp");
  answers.accounts = answer(flags.accounts, "File of accounts", domain + ".accounts");
  answers.aliases = answer(flags.aliases, "File of aliases", domain + ".aliases");
  answers.contacts = flags.contacts;
  if (answers.contacts.empty()) {
    answers.contacts = {answer("", "Your address outside " + domain, "ops@outside.example")};
  }
  return answers;
}

int run_init(const PlanFlags& flags) {
  const auto domain = probes::DnsName::from_user(flags.domain);
  if (!domain) return report_error(domain.error());
  const auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  const std::string path = flags.file.empty() ? domain->text() + ".toml" : flags.file;
  if (std::ifstream(path)) {
    return report_error({Fault::usage, "the file exists; it is left as it is", path,
                         "name another by --file, or move it away"});
  }
  const auto answers = ask_answers(flags, domain->text(), find_old_mx(*domain, *setup));
  const std::string text = orchestrator::write_plan_template(answers);
  const auto checked = orchestrator::parse_plan(text, path);
  if (!checked) return report_error(checked.error());
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return report_error({Fault::unavailable, "can't write the plan", path, {}});
  fmt::print("wrote {}; read it, then: mxswitch plan apply {}\n", path, path);
  return 0;
}

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

void add_init(CLI::App& plan, Chosen& chosen) {
  auto flags = std::make_shared<PlanFlags>();
  CLI::App* verb = plan.add_subcommand("init", "ask four questions and write the plan's file");
  verb->add_option("domain", flags->domain, "the domain; U-labels are fine")->required();
  verb->add_option("--file", flags->file, "where to write it (default DOMAIN.toml)");
  verb->add_option("--new-mx", flags->new_mx, "the new MX set");
  verb->add_option("--forward", flags->forward, "next hop to the old server");
  verb->add_option("--hosted", flags->hosted, "next hop to the hosted mailboxes");
  verb->add_option("--accounts", flags->accounts, "file of accounts");
  verb->add_option("--aliases", flags->aliases, "file of aliases");
  verb->add_option("--relay", flags->relay, "name of the relay in mxswitch.toml");
  verb->add_option("--contact", flags->contacts, "outside address or webhook")->delimiter(',');
  verb->add_flag("--lab-policy", flags->lab, "defaults for a lab with TTLs of seconds");
  add_dns_flags(*verb, flags->dns);
  verb->footer("Example: mxswitch plan init shop.example");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_init(*flags); }; });
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
  add_init(*plan, chosen);
  add_file_verb(*plan, chosen, "check", "read the file, say what is wrong, send nothing",
                run_check_plan, false);
  add_file_verb(*plan, chosen, "apply", "give the plan to mxswitch serve", run_apply, true);
}

}  // namespace mxswitch
