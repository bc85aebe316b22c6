// mxswitch-relay: the agent beside the Postfix of one relay node.
#include <CLI/CLI.hpp>

#include "deploy/mxswitch_relay/config.h"
#include "deploy/mxswitch_relay/verbs.h"

int main(int argc, char** argv) {
  CLI::App app(
      "mxswitch-relay answers the tables of a relay node's Postfix and Dovecot, and lets the\n"
      "orchestrator switch the route of a domain.\n\n"
      "Example: mxswitch-relay serve --config /etc/mxswitch-relay/mxswitch-relay.toml");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("mxswitch-relay ") + mxswitch::kRelayVersion);
  std::string config = "/etc/mxswitch-relay/mxswitch-relay.toml";
  bool json = false;
  CLI::App* serve = app.add_subcommand("serve", "run the agent until SIGTERM");
  serve->add_option("--config", config, "configuration file")->capture_default_str();
  serve->footer("Example: mxswitch-relay serve --config /etc/mxswitch-relay/mxswitch-relay.toml");
  CLI::App* configure =
      app.add_subcommand("configure", "print a commented configuration and Postfix's lines for it");
  configure->footer("Example: mxswitch-relay configure > /etc/mxswitch-relay/mxswitch-relay.toml");
  CLI::App* status = app.add_subcommand("status", "show health and routes of the running agent");
  status->add_option("--config", config, "configuration file")->capture_default_str();
  status->add_flag("--json", json, "print JSON");
  status->footer("Example: mxswitch-relay status --json");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*serve) return mxswitch::run_relay_serve(config);
  if (*configure) return mxswitch::run_relay_configure();
  return mxswitch::run_relay_status(config, json);
}
