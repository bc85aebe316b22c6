#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <cstdio>

#include "deploy/mxswitch_relay/config.h"
#include "deploy/mxswitch_relay/verbs.h"
#include "probes/base/log.h"

namespace mxswitch {

int report_relay_error(const Error& error) {
  std::fprintf(stderr, "mxswitch-relay: %s\n", error.text().c_str());
  const bool is_usage = error.fault == Fault::usage || error.fault == Fault::not_found ||
                        error.fault == Fault::malformed;
  return is_usage ? 2 : 1;
}

int run_relay_serve(const std::string& config_path) {
  auto config = read_relay_config(config_path);
  if (!config) return report_relay_error(config.error());
  for (const std::string& warning : config->warnings) log(LogLevel::warning, warning);
  const SystemClock clock;
  asio::io_context loop(1);
  orchestrator::Agent agent(config->agent, loop.get_executor(), clock);
  if (const auto started = agent.start(); !started) {
    agent.stop();
    return report_relay_error(started.error());
  }
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const asio::error_code& code, int) {
    if (code) return;
    // A second signal must not wait for anything.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    agent.stop();
    loop.stop();
  });
  log(LogLevel::info, "node " + config->agent.control.node + " serves its control API at " +
                          config->listen + ", Postfix at " + config->agent.socketmap);
  loop.run();
  log(LogLevel::info, "stopped");
  return 0;
}

}  // namespace mxswitch
