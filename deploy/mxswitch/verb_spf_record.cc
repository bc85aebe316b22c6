// spf lint and propose: what is wrong with the published record, and what to publish instead.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verb_spf.h"
#include "probes/spf/lint.h"
#include "probes/spf/propose.h"

namespace mxswitch {
namespace {

using probes::spf::Finding;
using probes::spf::Survey;

constexpr Duration kDeadline = seconds(5);  // of one query

struct RecordFlags {
  std::string domain, resolver, root_hints, all = "~all";
  std::vector<std::string> required;
  bool json = false;
};

Result<Survey> survey_of(const RecordFlags& flags) {
  DnsFlags dns;
  dns.root_hints = flags.root_hints;
  const auto setup = resolve_dns_flags(dns);
  if (!setup) return Failure(setup.error());
  const auto domain = probes::DnsName::from_user(flags.domain);
  if (!domain) return Failure(domain.error());
  probes::Endpoint resolver;
  if (!flags.resolver.empty()) {
    const auto parsed = probes::Endpoint::parse(flags.resolver);
    if (!parsed) return Failure(parsed.error());
    resolver = *parsed;
  }
  asio::io_context loop(1);
  const SystemClock clock;
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  const auto view = flags.resolver.empty()
                        ? probes::spf::authority_view(*transport, setup->delegation, kDeadline)
                        : probes::spf::resolver_view(*transport, resolver, kDeadline);
  Survey made;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        made = co_await probes::spf::survey(*view, domain->text());
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  if (made.root.outcome == probes::spf::Lookup::Outcome::failed)
    return fail(Fault::unavailable, "no answer about its TXT records", domain->text(),
                "try again, or name a resolver with --resolver");
  return made;
}

void print(const Finding& finding) {
  fmt::print("{:<8} {:<20} {}: {}\n", to_text(finding.level), finding.code, finding.domain,
             finding.text);
}

nlohmann::json json_of(const std::vector<Finding>& findings) {
  nlohmann::json all = nlohmann::json::array();
  for (const Finding& finding : findings)
    all.push_back({{"level", std::string(to_text(finding.level))},
                   {"code", finding.code},
                   {"domain", finding.domain},
                   {"text", finding.text}});
  return all;
}

int run_lint(const RecordFlags& flags) {
  const auto found = survey_of(flags);
  if (!found) return report_error(found.error());
  const auto findings = probes::spf::lint(*found);
  const auto cost = probes::spf::worst_case(found->root);
  if (flags.json) {
    const nlohmann::json body = {{"findings", json_of(findings)},
                                 {"lookups", cost.lookups},
                                 {"lookups_at_least", cost.at_least}};
    fmt::print("{}\n", body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const Finding& finding : findings) print(finding);
    fmt::print("{}{} of 10 lookups in the worst case\n", cost.at_least ? "at least " : "",
               cost.lookups);
  }
  const bool errors = !findings.empty() && findings.front().level == Finding::Level::error;
  return static_cast<int>(errors ? ExitCode::blocked : ExitCode::done);
}

int run_propose(const RecordFlags& flags) {
  const auto found = survey_of(flags);
  if (!found) return report_error(found.error());
  const auto proposal = probes::spf::propose(found->root, flags.required, flags.all);
  if (!proposal) return report_error(proposal.error());
  fmt::print("{}\n\n", proposal->record);
  if (proposal->unchanged) fmt::print("It is published as it is: nothing to change.\n");
  for (const std::string& term : proposal->added) fmt::print("added    {}\n", term);
  for (const std::string& term : proposal->removed) fmt::print("left out {}\n", term);
  fmt::print("{} octets; it replaces the record of {}, never a second one beside it\n",
             proposal->octets, flags.domain);
  return static_cast<int>(ExitCode::done);
}

CLI::App* add_record_verb(CLI::App& group, RecordFlags& flags, const char* name, const char* help) {
  CLI::App* verb = group.add_subcommand(name, help);
  verb->add_option("domain", flags.domain, "the domain; U-labels are fine")->required();
  verb->add_option("--resolver", flags.resolver,
                   "ADDR[:port]: as this resolver sees it; else the authorities are asked");
  verb->add_option("--root-hints", flags.root_hints, "root servers in master-file format");
  return verb;
}

}  // namespace

void add_spf_record(CLI::App& group, Chosen& chosen) {
  auto flags = std::make_shared<RecordFlags>();
  CLI::App* lint = add_record_verb(group, *flags, "lint", "what is wrong with the record?");
  lint->add_flag("--json", flags->json, "findings as JSON");
  lint->footer("Example: mxswitch spf lint shop.example\nExit: 0 no error, 3 errors were found");
  lint->callback([flags, &chosen] { chosen.run = [flags] { return run_lint(*flags); }; });
  CLI::App* propose =
      add_record_verb(group, *flags, "propose", "the record to publish, merged into the existing");
  propose->add_option("--require", flags->required, "a term that must stand in it")->required();
  propose->add_option("--all", flags->all, "the end of a record that has none")
      ->capture_default_str();
  propose->footer(
      "Example: mxswitch spf propose shop.example --require include:spf.filter.example");
  propose->callback([flags, &chosen] { chosen.run = [flags] { return run_propose(*flags); }; });
}

}  // namespace mxswitch
