// plan init: where mail goes now (found in DNS), where it shall go, the accounts, an outside
// address; what nobody answered stands in the file as a comment.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <memory>

#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verb_plan.h"
#include "monitor/watch/ask.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/plan_template.h"

namespace mxswitch {
namespace {

struct InitFlags {
  DnsFlags dns;
  std::string domain, file, new_mx, forward, hosted, accounts, aliases, relay;
  std::vector<std::string> contacts;
  bool lab = false;
};

using FoundMx = std::optional<monitor::AuthoritySample>;

asio::awaitable<Result<FoundMx>> ask_authorities(probes::NetworkTransport& transport,
                                                 probes::DnsName domain, DnsSetup setup) {
  std::vector<std::pair<probes::DnsName, probes::Endpoint>> servers;
  for (const auto& given : setup.authorities) servers.emplace_back(given.server, given.endpoint);
  if (servers.empty()) {
    const auto walked = co_await probes::find_delegation(transport, domain, setup.delegation);
    if (!walked && walked.error().fault == Fault::not_found) co_return Failure(walked.error());
    if (!walked) co_return FoundMx();
    for (const auto& server : walked->servers) {
      if (!server.endpoints.empty()) servers.emplace_back(server.name, server.endpoints.front());
    }
  }
  for (const auto& [name, endpoint] : servers) {
    monitor::AuthorityAsk ask;
    ask.owner = domain;
    ask.server = name;
    ask.endpoint = endpoint;
    const auto sample = co_await monitor::ask_authority(transport, ask);
    if (sample.outcome == monitor::Outcome::answered) co_return FoundMx(sample);
  }
  co_return FoundMx();
}

// What the authorities serve now; none where none answers. Fails for a domain that does not exist.
Result<FoundMx> find_mx(const probes::DnsName& domain, const DnsSetup& setup) {
  const SystemClock clock;
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  Result<FoundMx> found;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        found = co_await ask_authorities(*transport, domain, setup);
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  return found;
}

// Asks at a terminal for what no flag gave; elsewhere, and for an empty line, the fallback stands.
std::string answer(const std::string& given, const std::string& question,
                   const std::string& fallback) {
  if (!given.empty()) return given;
  if (::isatty(STDIN_FILENO) == 0) return fallback;
  fmt::print(stderr, "{} [{}]: ", question, fallback.empty() ? "none" : fallback);
  std::string line;
  std::getline(std::cin, line);
  return line.empty() ? fallback : line;
}

// Does every exchange that mail goes to now belong to the new set already?
bool is_behind(const monitor::AuthoritySample& now, const probes::MxSet& wanted) {
  const auto& records = wanted.records();
  return !now.set.empty() && std::ranges::all_of(now.set.records(), [&](const probes::Mx& mx) {
    return std::ranges::any_of(records, [&](const auto& w) { return w.exchange == mx.exchange; });
  });
}

void say_what_was_found(const probes::DnsName& domain, const FoundMx& found) {
  if (!found) {
    fmt::print(stderr, "No authority answered for {}: the old MX is not known.\n", domain.text());
  } else if (found->set.empty()) {
    fmt::print(stderr, "{} has no MX now.\n", domain.text());
  } else {
    fmt::print(stderr, "Mail goes now to: {} (TTL {} s)\n", found->set.text(), found->ttl);
  }
}

void advise(const FoundMx& found, bool behind) {
  if (behind) {
    fmt::print(stderr,
               "That is the new MX already, so the old set and its TTL can't be found in DNS: fill "
               "in old, old_ttl and changed_at, or caches are taken to hold it for a week.\n");
  } else if (found && found->ttl > 3600) {
    fmt::print(stderr, "Advice: lower that TTL before the change; it is how long you wait.\n");
  }
}

// A host becomes a next hop by SMTP; who writes a whole next hop gets it.
std::string next_hop_of(const std::string& server) {
  return server.empty() || server.find(':') != std::string::npos ? server
                                                                 : "smtp:[" + server + "]:25";
}

Result<orchestrator::PlanAnswers> ask_answers(const InitFlags& flags, const probes::DnsName& domain,
                                              const FoundMx& found) {
  orchestrator::PlanAnswers answers;
  answers.domain = domain.text();
  answers.relay = flags.relay;
  answers.lab_policy = flags.lab;
  say_what_was_found(domain, found);
  answers.new_mx = answer(flags.new_mx, "Where shall mail go? The relay's MX set", "");
  if (answers.new_mx.empty()) {
    return fail(Fault::usage, "the new MX set is not given", domain.text(),
                "add --new-mx \"10 mx1.filter.example, 20 mx2.filter.example\"");
  }
  const auto wanted = probes::MxSet::parse(answers.new_mx);
  if (!wanted) return fail(Fault::usage, wanted.error().what, "--new-mx", wanted.error().mend);
  const bool known = found && !found->set.empty();
  answers.behind = known && is_behind(*found, *wanted);
  advise(found, answers.behind);
  std::string old_server;
  if (known && !answers.behind) {
    answers.old_mx = found->set.text();
    answers.old_ttl = seconds(found->ttl);
    old_server = found->set.records().front().exchange.text();
  }
  answers.forward =
      next_hop_of(answer(flags.forward, "Where does mail go now? The old server", old_server));
  answers.hosted = flags.hosted.empty() ? "lmtp:unix:private/dovecot-lmtp" : flags.hosted;
  answers.accounts = answer(flags.accounts, "File of accounts", "");
  answers.aliases = flags.aliases;
  answers.contacts = flags.contacts;
  if (answers.contacts.empty()) {
    const std::string contact = answer("", "Your address outside " + domain.text(), "");
    if (!contact.empty()) answers.contacts = {contact};
  }
  return answers;
}

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

int run_init(const InitFlags& flags) {
  const auto domain = probes::DnsName::from_user(flags.domain);
  if (!domain) return report_error(domain.error());
  const auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  const std::string path = flags.file.empty() ? domain->text() + ".toml" : flags.file;
  if (std::ifstream(path)) {
    return report_error({Fault::usage, "the file exists; it is left as it is", path,
                         "name another by --file, or move it away"});
  }
  const auto found = find_mx(*domain, *setup);
  if (!found) return report_error(found.error());
  const auto answers = ask_answers(flags, *domain, *found);
  if (!answers) return report_error(answers.error());
  const std::string text = orchestrator::write_plan_template(*answers);
  const auto checked = orchestrator::parse_plan(text, path);
  if (!checked) return report_error(checked.error());
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return report_error({Fault::unavailable, "can't write the plan", path, {}});
  const std::string open = open_points(*answers);
  if (!open.empty()) fmt::print("not set yet: {}\n", open);
  fmt::print("wrote {}; read it, then: mxswitch plan apply {}\n", path, path);
  return 0;
}

}  // namespace

void add_plan_init(CLI::App& plan, Chosen& chosen) {
  auto flags = std::make_shared<InitFlags>();
  CLI::App* verb = plan.add_subcommand("init", "ask four questions and write the plan's file");
  verb->add_option("domain", flags->domain, "the domain; U-labels are fine")->required();
  verb->add_option("--file", flags->file, "where to write it (default DOMAIN.toml)");
  verb->add_option("--new-mx", flags->new_mx, "where mail shall go: the relay's MX set");
  verb->add_option("--forward", flags->forward,
                   "where it goes now: the old server or a next hop (else found in DNS)");
  verb->add_option("--hosted", flags->hosted,
                   "next hop to the hosted mailboxes (default lmtp:unix:private/dovecot-lmtp)");
  verb->add_option("--accounts", flags->accounts, "file of accounts");
  verb->add_option("--aliases", flags->aliases, "file of aliases");
  verb->add_option("--relay", flags->relay, "name of the relay in mxswitch.toml");
  verb->add_option("--contact", flags->contacts, "outside address or webhook")->delimiter(',');
  verb->add_flag("--lab-policy", flags->lab, "defaults for a lab with TTLs of seconds");
  add_dns_flags(*verb, flags->dns);
  verb->footer("Example: mxswitch plan init shop.example");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_init(*flags); }; });
}

}  // namespace mxswitch
