// spf lint and propose: what is wrong with the published record, and what to publish instead.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "dashboards/views/spf_trace.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verb_spf.h"
#include "probes/base/json_text.h"
#include "probes/spf/evaluate.h"
#include "probes/spf/lint.h"
#include "probes/spf/propose.h"

namespace mxswitch {
namespace {

using dashboards::visible;
using probes::spf::Finding;
using probes::spf::Survey;

constexpr Duration kDeadline = seconds(5);  // of one query

struct RecordFlags {
  std::string domain, resolver, root_hints, all = "~all";
  std::vector<std::string> required;
  bool json = false;
};

// What the two verbs ask of the DNS, one after the other on a loop of their own.
class Desk {
 public:
  static Result<std::unique_ptr<Desk>> open(const RecordFlags& flags) {
    DnsFlags dns;
    dns.root_hints = flags.root_hints;
    auto setup = resolve_dns_flags(dns);
    if (!setup) return Failure(setup.error());
    const auto domain = probes::DnsName::from_user(flags.domain);
    if (!domain) return Failure(domain.error());
    auto desk = std::make_unique<Desk>(domain->text());
    if (flags.resolver.empty()) {
      desk->view_ =
          probes::spf::authority_view(*desk->transport_, std::move(setup->delegation), kDeadline);
      return desk;
    }
    const auto resolver = probes::Endpoint::parse(flags.resolver);
    if (!resolver) return Failure(resolver.error());
    desk->view_ = probes::spf::resolver_view(*desk->transport_, *resolver, kDeadline);
    return desk;
  }

  explicit Desk(std::string domain)
      : domain_(std::move(domain)),
        transport_(
            probes::make_transport(loop_.get_executor(), clock_, probes::TransportOptions{})) {}

  Result<Survey> published() {
    Survey made = run(probes::spf::survey(*view_, domain_, clock_));
    if (made.root.outcome == probes::spf::Lookup::Outcome::failed)
      return fail(Fault::unavailable, "no answer about its TXT records", domain_,
                  "try again, or name a resolver with --resolver");
    return made;
  }

  Survey as_if(const std::string& record) {
    return run(probes::spf::survey_as_if(*view_, domain_, record, clock_));
  }

 private:
  Survey run(asio::awaitable<Survey> asking) {
    Survey made;
    bool done = false;
    asio::co_spawn(loop_, std::move(asking), [&](std::exception_ptr, Survey survey) {
      made = std::move(survey);
      done = true;
    });
    loop_.restart();
    while (!done && loop_.run_one() > 0) {
    }
    return made;
  }

  std::string domain_;
  asio::io_context loop_{1};
  SystemClock clock_;
  std::unique_ptr<probes::NetworkTransport> transport_;
  std::unique_ptr<probes::spf::DnsView> view_;
};

void print(const Finding& finding) {
  fmt::print("{:<8} {:<20} {}: {}\n", to_text(finding.level), finding.code, visible(finding.domain),
             visible(finding.text));
}

bool has_errors(const std::vector<Finding>& findings) {
  return !findings.empty() && findings.front().level == Finding::Level::error;
}

// What is wrong may quote the published record.
int report_visible(Error error) {
  error.what = visible(error.what);
  error.where = visible(error.where);
  error.mend = visible(error.mend);
  return report_error(error);
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

std::string in_words(const probes::spf::Cost& cost) {
  return fmt::format("{}{} of {} lookups and {} of {} voids in the worst case",
                     cost.at_least ? "at least " : "", cost.lookups, probes::spf::kMostLookups,
                     cost.voids(), probes::spf::kMostVoids);
}

int run_lint(const RecordFlags& flags) {
  const auto desk = Desk::open(flags);
  if (!desk) return report_error(desk.error());
  const auto found = (*desk)->published();
  if (!found) return report_visible(found.error());
  const auto findings = probes::spf::lint(*found);
  const auto cost = probes::spf::worst_case(found->root);
  if (flags.json) {
    const nlohmann::json body = {{"findings", json_of(findings)},
                                 {"lookups", cost.lookups},
                                 {"voids_v4", cost.voids_v4},
                                 {"voids_v6", cost.voids_v6},
                                 {"lookups_at_least", cost.at_least}};
    fmt::print("{}\n", json_text(body, 2));
  } else {
    for (const Finding& finding : findings) print(finding);
    fmt::print("{}\n", in_words(cost));
  }
  return static_cast<int>(has_errors(findings) ? ExitCode::blocked : ExitCode::done);
}

int run_propose(const RecordFlags& flags) {
  const auto desk = Desk::open(flags);
  if (!desk) return report_error(desk.error());
  const auto found = (*desk)->published();
  if (!found) return report_visible(found.error());
  const auto proposal = probes::spf::propose(found->root, flags.required, flags.all);
  if (!proposal) return report_visible(proposal.error());
  fmt::print("{}\n\n", visible(proposal->record));
  if (proposal->unchanged) fmt::print("It is published as it is: nothing to change.\n");
  for (const std::string& term : proposal->added) fmt::print("added    {}\n", visible(term));
  for (const std::string& term : proposal->removed) fmt::print("left out {}\n", visible(term));
  for (const std::string& note : proposal->notes) fmt::print("note     {}\n", visible(note));
  const Survey then = (*desk)->as_if(proposal->record);
  const auto findings = probes::spf::lint(then);
  for (const Finding& finding : findings) print(finding);
  fmt::print("{} octets, {}; it replaces the record of {}, never a second one beside it\n",
             proposal->octets, in_words(probes::spf::worst_case(then.root)), visible(flags.domain));
  return static_cast<int>(has_errors(findings) ? ExitCode::blocked : ExitCode::done);
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
  propose->add_option("--all", flags->all, "-all, ~all or ?all: the end of a record that has none")
      ->capture_default_str();
  propose->footer(
      "Example: mxswitch spf propose shop.example --require include:spf.filter.example\n"
      "Exit: 0 proposed, 3 the proposal has errors of its own; 2 bad input");
  propose->callback([flags, &chosen] { chosen.run = [flags] { return run_propose(*flags); }; });
}

}  // namespace mxswitch
