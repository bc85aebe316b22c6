// doctor: is everything there that a switchover needs? One line a check, with the remedy.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "deploy/mxswitch/config.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/propagation/policy.h"
#include "monitor/watch/ask.h"
#include "probes/base/blocking_http.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

struct DoctorFlags {
  std::string config;
};

// Prints findings and remembers whether one was bad.
class Findings {
 public:
  void good(const std::string& what) { fmt::print("ok    {}\n", what); }
  void note(const std::string& what) { fmt::print("note  {}\n", what); }
  void bad(const std::string& what, const std::string& mend) {
    fmt::print("BAD   {}\n      {}\n", what, mend);
    healthy_ = false;
  }
  bool healthy() const { return healthy_; }

 private:
  bool healthy_ = true;
};

void examine_clock(Findings& findings, const Clock& clock) {
  const ClockReading reading = clock.reading();
  if (reading.synchronised) {
    findings.good(fmt::format("clock: synchronised, error at most {} ms", reading.error.count()));
  } else {
    findings.note("clock: not synchronised by NTP; after a reboot drains start again");
  }
}

// Asks the control names of every resolver at once.
std::vector<monitor::ControlSample> ask_all(const std::vector<probes::Resolver>& resolvers,
                                            const Clock& clock) {
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  std::vector<monitor::ControlSample> samples;
  for (const probes::Resolver& resolver : resolvers) {
    asio::co_spawn(
        loop,
        [&, endpoint = resolver.endpoint]() -> asio::awaitable<void> {
          std::string label = "mxswitch-" + random_hex(8);
          const auto sample =
              co_await monitor::ask_control(*transport, endpoint, std::move(label), seconds(6));
          samples.push_back(sample);
          if (samples.size() == resolvers.size()) loop.stop();
        },
        asio::detached);
  }
  if (!resolvers.empty()) loop.run();
  return samples;
}

void examine_resolvers(Findings& findings, const Config& config, const Clock& clock) {
  const auto resolvers = probes::load_resolvers(config.resolvers);
  if (!resolvers) {
    findings.bad("resolvers: " + resolvers.error().text(), "mend [dns] resolvers");
    return;
  }
  const auto samples = ask_all(*resolvers, clock);
  const auto answering = std::count_if(samples.begin(), samples.end(),
                                       [](const auto& sample) { return sample.root_answered; });
  const auto lying =
      std::count_if(samples.begin(), samples.end(), [](const auto& sample) { return sample.lies; });
  const std::string text = fmt::format("resolvers: {} of {} answer, {} invent answers", answering,
                                       samples.size(), lying);
  if (answering * 5 >= static_cast<std::ptrdiff_t>(samples.size()) * 4) {
    findings.good(text);
  } else {
    findings.bad(text, "is outgoing DNS (port 53, UDP and TCP) allowed from here?");
  }
}

void examine_capacity(Findings& findings, const Config& config) {
  const monitor::Policy policy;
  const double moves = config.resolver_rate.per_second * 86400 / policy.k;
  findings.note(
      fmt::format("capacity: {:.0f} migrations a day at {} queries/s a resolver and {} "
                  "samples each",
                  moves, config.resolver_rate.per_second, policy.k));
}

void examine_relays(Findings& findings, const Config& config) {
  if (config.relays.empty()) findings.note("relays: none configured; domains can only be watched");
  for (const RelayConfig& relay : config.relays) {
    const auto token = relay.token_file.empty() ? Result<std::string>(std::string())
                                                : read_secret_file(relay.token_file);
    if (!token)
      findings.bad("relay " + relay.options.name + ": " + token.error().text(), "mend token_file");
    for (const auto& node : relay.options.nodes) {
      HttpRequest request;
      request.url = node.api + "/v1/health";
      request.ca_file = relay.options.ca_file;
      request.timeout = relay.options.timeout;
      const auto response = send_blocking(request);
      const std::string name = fmt::format("relay {} node {}", relay.options.name, node.id);
      if (response && response->status == 200) {
        findings.good(name + ": answers");
      } else {
        findings.bad(
            name + ": " +
                (response ? fmt::format("answers {}", response->status) : response.error().text()),
            "is mxswitch-relay running at " + node.api + "?");
      }
    }
  }
}

int run_doctor(const DoctorFlags& flags) {
  const auto config = read_config(flags.config);
  if (!config) return report_error(config.error());
  const SystemClock clock;
  Findings findings;
  findings.good(flags.config.empty() ? "configuration: defaults"
                                     : "configuration: " + flags.config);
  if (config->alerts.smtp.empty()) findings.note("alerts: no [alerts] smtp; webhooks only");
  examine_clock(findings, clock);
  examine_resolvers(findings, *config, clock);
  examine_capacity(findings, *config);
  examine_relays(findings, *config);
  return static_cast<int>(findings.healthy() ? ExitCode::done : ExitCode::error);
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* verb = app.add_subcommand("doctor", "is everything there that a switchover needs?");
  verb->add_option("--config", flags->config, "mxswitch.toml");
  verb->footer("Example: mxswitch doctor --config /etc/mxswitch/mxswitch.toml");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_doctor(*flags); }; });
}

}  // namespace mxswitch
