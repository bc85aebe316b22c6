// alert: does anybody hear us? Sends a test with a button to each outside address of the plan.
#include <CLI/CLI.hpp>
#include <memory>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/verbs.h"

namespace mxswitch {
namespace {

struct AlertFlags {
  ServerFlags server;
  std::string domain;
  bool as_json = false;
};

}  // namespace

void add_alert(CLI::App& app, Chosen& chosen) {
  CLI::App* alert = app.add_subcommand("alert", "test the ways by which alerts leave");
  alert->require_subcommand(1);
  alert->footer("Example: mxswitch alert test shop.example");
  CLI::App* test = alert->add_subcommand(
      "test", "send a message with an acknowledge button to every outside contact");
  auto flags = std::make_shared<AlertFlags>();
  add_domain(*test, flags->domain, "the domain being moved")->required();
  test->add_flag("--json", flags->as_json, "print the operation as JSON");
  add_server_flags(*test, flags->server);
  test->footer("Example: mxswitch alert test shop.example");
  test->callback([flags, &chosen] {
    chosen.run = [flags] {
      const ClientCommand command{flags->domain, "alert", {{"action", "test"}}, {}};
      return run_command(Client(flags->server), command, flags->as_json);
    };
  });
}

}  // namespace mxswitch
