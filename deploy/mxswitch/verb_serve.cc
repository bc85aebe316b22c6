// serve: monitor, orchestrator, page and API in one process.
#include <CLI/CLI.hpp>
#include <memory>

#include "deploy/mxswitch/application.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"

namespace mxswitch {
namespace {

struct ServeFlags {
  std::string config, listen, store;
};

// An address that can't be listened at is no fault of the command line.
int report_start_error(Error error) {
  if (error.fault == Fault::usage && error.what.find("in use") != std::string::npos) {
    error.fault = Fault::unavailable;
  }
  return report_error(error);
}

int run_serve(const ServeFlags& flags) {
  auto config = read_config(flags.config);
  if (!config) return report_error(config.error());
  if (!flags.listen.empty()) config->listen = flags.listen;
  if (!flags.store.empty()) config->store = flags.store;
  auto application = Application::make(std::move(*config));
  if (!application) return report_error(application.error());
  const auto served = (*application)->run();
  if (!served) return report_start_error(served.error());
  return 0;
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* verb = app.add_subcommand("serve", "run monitor, gates, page and API");
  verb->add_option("--config", flags->config, "mxswitch.toml");
  verb->add_option("--listen", flags->listen, "instead of [server] listen");
  verb->add_option("--store", flags->store, "instead of store: sqlite:PATH");
  verb->footer("Example: mxswitch serve --config /etc/mxswitch/mxswitch.toml");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_serve(*flags); }; });
}

}  // namespace mxswitch
