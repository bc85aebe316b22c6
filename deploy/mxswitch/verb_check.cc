// check: one look at every authority and resolver, without set-up.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "dashboards/views/json.h"
#include "dashboards/views/text.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/propagation/one_look.h"
#include "monitor/watch/look.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

struct CheckFlags {
  std::string domain, expected, old;
  DnsFlags dns;
  TerminalFlags terminal;
};

Result<monitor::LookResult> look_once(const Target& target, const DnsSetup& setup,
                                      const Clock& clock) {
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  monitor::LookRequest request;
  request.owner = target.owner;
  request.resolvers = setup.resolvers;
  request.fixed_authorities = setup.authorities;
  request.delegation = setup.delegation;
  request.progress = progress_line("asked");

  Result<monitor::LookResult> outcome =
      fail(Fault::internal, "the look did not end", target.owner.text());
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        outcome = co_await monitor::look(*transport, request);
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  return outcome;
}

// What was seen, judged by the same cores as a watch: without history they can't judge the drain.
monitor::PropagationReport report_of(const Target& target, const DnsSetup& setup,
                                     const monitor::LookResult& seen,
                                     const std::optional<probes::MxSet>& old, Time now) {
  monitor::PropagationInput input;
  input.owner = target.owner;
  input.expected = target.expected;
  input.declared_old = old;
  input.resolvers = setup.resolvers;
  input.judges_drain = false;
  monitor::Propagation core(std::move(input), now);
  core.set_limits(seen.limits, now);
  core.set_endpoints(seen.endpoints, now, seen.warnings);
  for (const auto& sample : seen.authorities) core.observe(sample);
  for (const auto& sample : seen.controls) core.observe(sample);
  for (const auto& sample : seen.resolvers) core.observe(sample);
  for (const auto& sample : seen.identities) core.observe(sample);
  auto report = core.report(now);
  // One sample is all that there will be: how many a verdict would want is no remark on it.
  for (auto& resolver : report.resolvers) {
    if (resolver.last_class == monitor::AnswerClass::new_ && !resolver.excluded) {
      resolver.reason.clear();
    }
  }
  return report;
}

// What only a watch can judge.
constexpr const char* kVerdictKeys[] = {"conditions", "drain",   "ready_from",     "eta",
                                        "ready",      "verdict", "next_change_at", "waivers"};

int code_of(monitor::Look look) {
  switch (look) {
    case monitor::Look::all_new:
      return static_cast<int>(ExitCode::done);
    case monitor::Look::not_yet:
      return static_cast<int>(ExitCode::blocked);
    case monitor::Look::inconclusive:
      return static_cast<int>(ExitCode::in_flight);
  }
  return static_cast<int>(ExitCode::error);
}

void print_json(const monitor::PropagationReport& report, const monitor::OneLook& one) {
  nlohmann::json body = dashboards::to_json(report);
  for (const char* key : kVerdictKeys) body.erase(key);
  body["reasons"] = nlohmann::json::array();
  for (const auto& reason : one.reasons) {
    body["reasons"].push_back({{"code", reason.code}, {"text", reason.text}});
  }
  body["look"] = std::string(monitor::to_text(one.look));
  body["drain_judged"] = false;
  fmt::print("{}\n", json_text(body, 2));
}

int run_check(const CheckFlags& flags) {
  const auto target = parse_target(flags.domain, flags.expected);
  if (!target) return report_error(target.error());
  const auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  std::optional<probes::MxSet> old;
  if (!flags.old.empty()) {
    const auto parsed = probes::MxSet::parse(flags.old);
    if (!parsed) return report_error(parsed.error());
    old = *parsed;
  }

  const SystemClock clock;
  const auto seen = look_once(*target, *setup, clock);
  if (!seen) return report_error(seen.error());
  const auto report = report_of(*target, *setup, *seen, old, clock.now());
  std::vector<probes::MxSet> old_sets;
  if (old) old_sets.push_back(*old);
  const auto one =
      monitor::one_look(target->expected, old_sets, seen->authorities, seen->resolvers);
  if (flags.terminal.json) {
    print_json(report, one);
  } else {
    fmt::print("{}", dashboards::render_check(report, clock.now(),
                                              text_options(flags.terminal, Extent::whole)));
  }
  return code_of(one.look);
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* verb =
      app.add_subcommand("check", "one look: what do authorities and resolvers answer now?");
  verb->add_option("domain", flags->domain, "the domain; U-labels are fine")->required();
  verb->add_option("--expect-mx", flags->expected, "the new MX set: \"10 mx1.a, 20 mx2.a\"")
      ->required();
  verb->add_option("--old-mx", flags->old, "the old MX set; else what differs is called foreign");
  add_dns_flags(*verb, flags->dns);
  add_terminal_flags(*verb, flags->terminal);
  verb->footer(
      "Example: mxswitch check shop.example --expect-mx \"10 mx1.filter.example, 20 "
      "mx2.filter.example\"\n"
      "Exit: 0 all sampled answers are new, 3 not yet, 4 inconclusive; the drain is not judged");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_check(*flags); }; });
}

}  // namespace mxswitch
