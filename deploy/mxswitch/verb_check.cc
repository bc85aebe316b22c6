// check: one look at every authority and resolver, without set-up.
#include <fmt/core.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "dashboards/views/json.h"
#include "dashboards/views/text.h"
#include "deploy/mxswitch/declared_options.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/propagation/one_look.h"
#include "monitor/propagation/ttl_phase.h"
#include "monitor/watch/look.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

struct CheckFlags {
  std::string domain, expected;
  bool rows = false;
  DeclaredFlags declared;
  DnsFlags dns;
  TerminalFlags terminal;
};

Result<monitor::LookSeen> look_once(const monitor::PropagationInput& input, const DnsSetup& setup,
                                    const Clock& clock) {
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  monitor::LookRequest request;
  request.owner = input.owner;
  request.expected = input.expected;
  if (input.declared_old) request.old_sets.push_back(*input.declared_old);
  request.resolvers = setup.resolvers;
  request.fixed_authorities = setup.authorities;
  request.delegation = setup.delegation;
  request.progress = progress_line("asked");

  Result<monitor::LookSeen> outcome =
      fail(Fault::internal, "the look did not end", input.owner.text());
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

// What was seen, as the cores of a watch read it.
monitor::PropagationReport report_of(monitor::PropagationInput input, const monitor::LookSeen& seen,
                                     Time now) {
  monitor::Propagation core(std::move(input), now);
  core.set_limits(seen.limits, now);
  core.set_chain(seen.mx_name, seen.companions, now);
  core.set_endpoints(seen.endpoints, now, seen.warnings);
  for (const auto& sample : seen.authorities) core.observe(sample);
  for (const auto& sample : seen.exchanges) core.observe(sample);
  for (const auto& sample : seen.controls) core.observe(sample);
  for (const auto& sample : seen.samples) core.observe(sample);
  for (const auto& sample : seen.identities) core.observe(sample);
  return core.report(now);
}

// Without history they can't judge the drain.
monitor::PropagationReport look_report(monitor::PropagationInput input,
                                       const monitor::LookSeen& seen, Time now) {
  input.judges_drain = false;
  auto report = report_of(std::move(input), seen, now);
  // One sample is all that there will be: how many a verdict would want is no remark on it.
  for (auto& resolver : report.resolvers) {
    if (resolver.last_class == monitor::AnswerClass::new_ && !resolver.excluded) {
      resolver.reason.clear();
    }
  }
  return report;
}

// When a watch that begins now would expect READY, by what was declared; never a judgement.
std::vector<std::string> outlook(const monitor::PropagationInput& input,
                                 const monitor::LookSeen& seen, Time now) {
  const auto report = report_of(input, seen, now);
  const auto& forecast = report.forecast;
  if (!forecast.earliest) return {"READY can't be foretold from one look"};
  std::vector<std::string> lines = {fmt::format(
      "READY not before {} ({}), as declared and not judged: `mxswitch watch` does that",
      dashboards::moment(*forecast.earliest, now), dashboards::relative(*forecast.earliest, now))};
  for (const auto& assumption : report.assumptions)
    if (assumption.code == "declared" || assumption.code == "old-ttl")
      lines.push_back(assumption.text);
  return lines;
}

// Where the TTL stands before the change; nothing once it was made.
std::string ttl_words(const monitor::PropagationInput& input, const monitor::LookSeen& seen,
                      Time now) {
  const auto phase = monitor::ttl_phase(report_of(input, seen, now), input.policy, now);
  return phase ? monitor::ttl_sentence(*phase) : std::string();
}

// What only a watch can judge.
constexpr const char* kVerdictKeys[] = {"conditions", "drain",   "ready_from",     "eta",
                                        "ready",      "verdict", "next_change_at", "waivers"};

ExitCode code_of(monitor::Look look) {
  switch (look) {
    case monitor::Look::all_new:
      return ExitCode::done;
    case monitor::Look::not_yet:
      return ExitCode::blocked;
    case monitor::Look::inconclusive:
      return ExitCode::in_flight;
  }
  return ExitCode::error;
}

void print_json(const dashboards::CheckView& view) {
  nlohmann::json body = dashboards::to_json(view.report);
  for (const char* key : kVerdictKeys) body.erase(key);
  body.update(dashboards::to_json(view.look));
  body["exit_code"] = static_cast<int>(code_of(view.look.look));
  body["outlook"] = view.outlook;
  body["ttl"] = view.ttl;
  fmt::print("{}\n", json_text(body, 2));
}

int run_check(const CheckFlags& flags) {
  const auto target = parse_target(flags.domain, flags.expected);
  if (!target) return report_error(target.error());
  const auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  const auto input = declared_input(*target, *setup, flags.declared);
  if (!input) return report_error(input.error());

  const SystemClock clock;
  const auto seen = look_once(*input, *setup, clock);
  if (!seen) return report_error(seen.error());
  const Time now = clock.now();
  const auto report = look_report(*input, *seen, now);
  const auto one = monitor::one_look(*seen);
  dashboards::CheckView view{report, one, {}, ttl_words(*input, *seen, now), flags.rows};
  if (flags.declared.times()) view.outlook = outlook(*input, *seen, now);
  if (flags.terminal.json) {
    print_json(view);
  } else {
    fmt::print("{}",
               dashboards::render_check(view, now, text_options(flags.terminal, Extent::whole)));
  }
  return static_cast<int>(code_of(one.look));
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* verb =
      app.add_subcommand("check", "one look: what do authorities and resolvers answer now?");
  verb->add_option("domain", flags->domain, "the domain; U-labels are fine")->required();
  verb->add_option("--expect-mx", flags->expected, "the new MX set: \"10 mx1.a, 20 mx2.a\"")
      ->required();
  verb->add_flag("--all", flags->rows, "a row for each server too, and every name");
  add_dns_flags(*verb, flags->dns);
  add_declared_flags(*verb, flags->declared);
  add_terminal_flags(*verb, flags->terminal);
  verb->footer(
      "Example: mxswitch check shop.example --expect-mx \"10 mx1.filter.example, 20 "
      "mx2.filter.example\"\n"
      "Exit: 0 all sampled answers are new, 3 not yet, 4 inconclusive, with the reasons. Drain is\n"
      "never judged: --old-ttl, --changed-at and --policy make an outlook, and change no exit.");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_check(*flags); }; });
}

}  // namespace mxswitch
