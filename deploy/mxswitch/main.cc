// mxswitch: watches an MX change and lets a relay be switched when it is safe.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/usage.h"
#include "deploy/mxswitch/verb_resolvers.h"
#include "deploy/mxswitch/verbs.h"
#include "deploy/mxswitch/version.h"

namespace {

// Help and version are no errors; what was mistyped is named before what is missing.
int report_parse(CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (const auto option = mxswitch::unknown_option(app, argc, argv)) {
    return mxswitch::report_error({mxswitch::Fault::usage, *option, {}, {}});
  }
  app.exit(error);
  return static_cast<int>(mxswitch::ExitCode::usage);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "mxswitch moves a domain's mail from an old server to a hosted one without losing a "
      "message:\nit watches the MX change through many resolvers and lets the relay be switched "
      "only when it is safe.\n\nExample: mxswitch check shop.example --expect-mx \"10 "
      "mx1.filter.example, 20 mx2.filter.example\"");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("mxswitch ") + mxswitch::kVersion);
  app.get_formatter()->column_width(34);

  mxswitch::Chosen chosen;
  mxswitch::add_check(app, chosen);
  mxswitch::add_watch(app, chosen);
  mxswitch::add_resolvers(app, chosen);
  mxswitch::add_serve(app, chosen);
  mxswitch::add_plan(app, chosen);
  mxswitch::add_views(app, chosen);
  mxswitch::add_switch(app, chosen);
  mxswitch::add_decisions(app, chosen);
  mxswitch::add_roster(app, chosen);
  mxswitch::add_alert(app, chosen);
  mxswitch::add_doctor(app, chosen);
  mxswitch::add_export(app, chosen);
  mxswitch::add_replay(app, chosen);
  mxswitch::add_simulate(app, chosen);
  mxswitch::add_spf(app, chosen);

  if (argc < 2) {
    fmt::print(stderr, "{}", mxswitch::first_commands());
    return static_cast<int>(mxswitch::ExitCode::usage);
  }
  if (const auto verb = mxswitch::unknown_verb(app, argc, argv)) {
    return mxswitch::report_error({mxswitch::Fault::usage, *verb, {}, {}});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse(app, error, argc, argv);
  }
  // Libraries throw at what nobody foresaw, like an answer of another program in place of ours.
  try {
    return chosen.run();
  } catch (const std::exception& error) {
    return mxswitch::report_error(
        {mxswitch::Fault::internal, "this was not foreseen: " + std::string(error.what()), {}, {}});
  }
}
