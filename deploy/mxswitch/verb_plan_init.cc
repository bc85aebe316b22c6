// plan init: where mail goes now (found in DNS), where it shall go, the accounts, an outside
// address; what nobody answered stands in the file as a comment.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/plan_questions.h"
#include "deploy/mxswitch/verb_plan.h"
#include "orchestrator/plan/plan.h"

namespace mxswitch {
namespace {

struct InitFlags {
  DnsFlags dns;
  GivenAnswers given;
  std::vector<std::string> contacts;
  bool lab = false;
};

std::string open_points(const orchestrator::PlanAnswers& answers) {
  std::string text;
  const auto add = [&text](const char* key) {
    text += (text.empty() ? "" : ", ") + std::string(key);
  };
  if (!answers.forward || answers.forward->empty()) add("[relay] forward");
  if (answers.accounts.empty()) add("[roster] accounts");
  if (answers.contacts.empty()) add("[contact] external");
  return text;
}

Result<void> write(const PlanDraft& draft) {
  const std::string text = orchestrator::write_plan_template(draft.answers);
  if (const auto checked = orchestrator::parse_plan(text, draft.file); !checked)
    return Failure(checked.error());
  std::ofstream file(draft.file);
  file << text;
  file.close();
  if (!file) return fail(Fault::unavailable, "the plan can't be written", draft.file);
  return {};
}

int run_init(const InitFlags& flags) {
  const auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  PlanDraft draft;
  draft.dns = *setup;
  draft.answers.lab_policy = flags.lab;
  GivenAnswers given = flags.given;
  given.contact = fmt::format("{}", fmt::join(flags.contacts, ","));
  if (const auto answered = answer_all(draft, given); !answered)
    return report_error(answered.error());
  if (const auto written = write(draft); !written) return report_error(written.error());
  const std::string open = open_points(draft.answers);
  if (!open.empty()) fmt::print("not set yet: {}\n", open);
  fmt::print("wrote {}; read it, then: mxswitch plan apply {}\n", draft.file, draft.file);
  return 0;
}

}  // namespace

void add_plan_init(CLI::App& plan, Chosen& chosen) {
  auto flags = std::make_shared<InitFlags>();
  CLI::App* verb = plan.add_subcommand("init", "ask five questions and write the plan's file");
  GivenAnswers& given = flags->given;
  verb->add_option("domain", given.domain, "the domain; U-labels are fine");
  verb->add_option("--file", given.file, "where to write it (default DOMAIN.toml)");
  verb->add_option("--new-mx", given.new_mx, "where mail shall go: the relay's MX set");
  verb->add_option("--old-ttl", given.old_ttl,
                   "the largest TTL of the old MX in the last days; \"no\": it was not lowered");
  verb->add_option("--forward", given.forward,
                   "where it goes now: the old server or a next hop (else found in DNS)");
  verb->add_option("--hosted", given.hosted,
                   "next hop to the hosted mailboxes (default lmtp:unix:private/dovecot-lmtp)");
  verb->add_option("--accounts", given.accounts, "file of accounts");
  verb->add_option("--aliases", given.aliases, "file of aliases");
  verb->add_option("--relay", given.relay, "name of the relay in mxswitch.toml");
  verb->add_option("--contact", flags->contacts, "outside address or webhook")->delimiter(',');
  verb->add_flag("--lab-policy", flags->lab, "defaults for a lab with TTLs of seconds");
  add_dns_flags(*verb, flags->dns);
  verb->footer("Example: mxswitch plan init shop.example");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_init(*flags); }; });
}

}  // namespace mxswitch
