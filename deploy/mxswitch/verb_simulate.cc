// simulate: a world from a *.scn file in virtual time, for people who plan a move.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/simulation/run.h"
#include "probes/base/json_text.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

using monitor::simulation::RunResult;
using monitor::simulation::Scenario;

struct SimulateFlags {
  std::string file;
  std::optional<std::uint64_t> seed;
  bool json = false;
};

std::string when_ready(const RunResult& result, const Scenario& scenario) {
  if (!result.ready) return fmt::format("not READY within {}", format_duration(scenario.end));
  std::string text = "READY after " + format_duration(result.ready->at);
  if (const auto change = monitor::simulation::change_of(scenario))
    text += fmt::format(", {} after the new set was served first",
                        format_duration(result.ready->at - *change));
  return text;
}

void print_text(const Scenario& scenario, const RunResult& result) {
  const auto& counts = result.queries;
  if (!scenario.title.empty()) fmt::print("{}\n\n", printable_lines(scenario.title));
  fmt::print("{}\n{}\n", printable_lines(monitor::simulation::timeline_text(result)),
             when_ready(result, scenario));
  fmt::print(
      "queries: {} in all; authorities {}, control names {}, resolvers {} before the drain "
      "was over and {} samples after\n",
      counts.all(), counts.authority, counts.control, counts.seed + counts.draining,
      counts.sampling);
}

int run_simulate(const SimulateFlags& flags) {
  auto scenario = monitor::simulation::read_scenario(flags.file);
  if (!scenario) return report_error(scenario.error());
  if (flags.seed) scenario->seed = *flags.seed;
  const RunResult result = monitor::simulation::run_scenario(*scenario, flags.file);
  if (flags.json)
    fmt::print("{}\n", json_text(monitor::simulation::timeline_json(*scenario, result), 2));
  else
    print_text(*scenario, result);
  for (const std::string& failure : result.failures)
    fmt::print(stderr, "mxswitch: {}\n", printable_lines(failure));
  return static_cast<int>(result.failures.empty() ? ExitCode::done : ExitCode::error);
}

}  // namespace

void add_simulate(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<SimulateFlags>();
  CLI::App* verb = app.add_subcommand(
      "simulate", "what would the verdict be, and when? plays a *.scn file in virtual time");
  verb->add_option("file", flags->file, "the world: its format stands in tests/scenarios/README.md")
      ->required();
  verb->add_option("--seed", flags->seed, "another run of the same world");
  verb->add_flag("--json", flags->json, "the timeline as JSON");
  verb->footer(
      "Nothing is asked on the network. Where the file says what it expects, that is checked.\n"
      "Example: mxswitch simulate tests/scenarios/ordinary_day.scn\n"
      "Exit: 0 played, and what the file expects holds; 1 it does not; 2 the file can't be read");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_simulate(*flags); }; });
}

}  // namespace mxswitch
