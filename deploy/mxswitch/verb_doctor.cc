// doctor: is everything there that a switchover needs? One line a check, with the remedy.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/config.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/dot_checkup.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/propagation/policy.h"
#include "monitor/propagation/signs.h"
#include "monitor/watch/ask.h"
#include "monitor/watch/capacity.h"
#include "monitor/watch/interception.h"
#include "probes/base/blocking_http.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

struct DoctorFlags {
  std::string config;
  bool json = false;
  ServerFlags server;
};

// Prints findings as they come, or as one JSON object at the end; remembers whether one was bad.
class Findings {
 public:
  explicit Findings(bool as_json) : as_json_(as_json) {}

  void good(const std::string& what) { add("ok", what); }
  void note(const std::string& what) { add("note", what); }
  void bad(const std::string& what, const std::string& mend) {
    add("bad", what, mend);
    healthy_ = false;
  }
  int finish() const {
    if (as_json_)
      fmt::print("{}\n", json_text(nlohmann::json{{"healthy", healthy_}, {"findings", all_}}));
    return static_cast<int>(healthy_ ? ExitCode::done : ExitCode::error);
  }

 private:
  void add(const char* level, const std::string& what, const std::string& mend = {}) {
    if (!as_json_) {
      const bool loud = !mend.empty();
      print_text(fmt::format("{:<5} {}", loud ? "BAD" : level, what));
      if (loud) print_text(mend, "      ");
      return;
    }
    nlohmann::json finding = {{"level", level}, {"what", what}};
    if (!mend.empty()) finding["mend"] = mend;
    all_.push_back(std::move(finding));
  }

  bool as_json_, healthy_ = true;
  nlohmann::json all_ = nlohmann::json::array();
};

void examine_reading(Findings& findings, const Config& config) {
  const std::vector<std::string> hosts = read_by_all_at(config);
  if (hosts.empty()) return;
  findings.note(fmt::format(
      "reading: whoever reaches {} through the proxy reads every domain, its plan, relay and "
      "recipients without a token: let the proxy ask who comes, or let in known addresses alone",
      fmt::join(hosts, ", ")));
}

void examine_clock(Findings& findings, const Clock& clock) {
  const ClockReading reading = clock.reading();
  if (reading.synchronised) {
    findings.good(fmt::format("clock: synchronised, error at most {} ms", reading.error.count()));
  } else {
    findings.note("clock: not synchronised by NTP; after a reboot drains start again");
  }
}

// Asks the control names of every resolver at once.
std::vector<monitor::ControlSample> ask_all(const probes::ResolverList& resolvers,
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

bool is_intercepted(const Clock& clock) {
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  bool intercepted = false;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        intercepted = co_await monitor::ask_nobody(*transport);
        loop.stop();
      },
      asio::detached);
  loop.run();
  return intercepted;
}

void examine_resolvers(Findings& findings, const probes::ResolverList& resolvers,
                       const Clock& clock) {
  const auto samples = ask_all(resolvers, clock);
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
  if (is_intercepted(clock))
    findings.bad(monitor::kInterceptedWords, "watch from another network, where port 53 is open");
}

// Without it one sign of interception is missing, and no verdict waits for it.
void examine_dot(Findings& findings, const Config& config, const Clock& clock) {
  if (!config.dot) return findings.note("DNS over TLS: switched off ([dns] dot)");
  const auto checkup = check_dot(config.resolvers, clock, config.dot_ca);
  if (!checkup) return findings.bad(checkup.error().text(), "mend [dns] dot_ca");
  const std::string text =
      fmt::format("DNS over TLS: {} of {} resolvers whose name is known answer", checkup->answered,
                  checkup->named);
  if (checkup->answered == checkup->named) return findings.good(text);
  findings.note(text + "; the others are not compared with what they say over UDP");
  for (const auto& [fault, count] : checkup->faults)
    findings.note(fmt::format("DNS over TLS: {} of them: {}", count, fault));
}

// What binds, in words that one can act on.
void examine_capacity(Findings& findings, const Config& config) {
  const monitor::Policy policy;
  const monitor::Rates rates{config.resolver_rate, config.isp_rate, config.authority_rate};
  const auto limits = monitor::capacity_of(rates, policy, config.resolvers);
  if (limits.empty()) return;
  const monitor::CapacityLimit& binding = limits.front();
  findings.note(fmt::format(
      "capacity: {:.0f} domains a day can be moved. What binds is [pacer] {}: at most {} queries/s "
      "to each of {} resolvers, and a move takes {} samples at each",
      binding.migrations_a_day, binding.setting, binding.per_second, binding.addresses, policy.k));
  findings.note(fmt::format(
      "capacity: {} domains can be kept READY at once until they are switched, {} with SPF: their "
      "evidence is refreshed every {}; one that is switched costs a sixth",
      binding.kept_fresh, binding.kept_with_spf, format_duration(monitor::refresh_after(policy))));
  if (binding.at_once > 0) {
    findings.note(fmt::format(
        "capacity: {} domains can be sampled at once, {} each; every further one makes it {} "
        "longer for all of them",
        binding.at_once, format_duration(binding.draw),
        format_duration(binding.draw / binding.at_once)));
  } else {
    findings.note(fmt::format(
        "capacity: already one domain's samples take {} and not {}, since that limit is slower "
        "than their spacing; leave out the resolvers of tier isp, or raise {} where they agree",
        format_duration(binding.draw), format_duration(policy.sample_spacing * (policy.k - 1)),
        binding.setting));
  }
}

// What the daemon's domains cost now; it need not run for a check-up.
void examine_watched(Findings& findings, const ServerFlags& server) {
  const auto list = Client(server).json("/api/v1/switchovers");
  if (!list) {
    findings.note("watched: not known: " + list.error().what);
    return;
  }
  std::int64_t queries = 0;
  std::vector<std::string> stretched;
  const auto rows = list->value("switchovers", nlohmann::json::array());
  for (const auto& row : rows) {
    queries += row.value("queries_per_day", std::int64_t{0});
    const std::string why = row.value("stretched", "");
    if (!why.empty()) stretched.push_back(row.value("domain", "") + ": " + why);
  }
  findings.good(fmt::format("watched: {} domain{} cost {} queries a day at the pace of now",
                            rows.size(), rows.size() == 1 ? "" : "s", queries));
  if (stretched.empty()) {
    findings.good("intervals: none is stretched by the courtesy limits");
    return;
  }
  for (const std::string& text : stretched) findings.note("stretched: " + text);
  findings.note(
      "stretched: READY comes later there, never too early; begin fewer moves at once, or raise "
      "the limit in [pacer] where the operator of that server agrees");
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
        findings.bad(name + ": " +
                         (response ? fmt::format("answers with status {}", response->status)
                                   : response.error().what),
                     "is mxswitch-relay running at " + node.api + "?");
      }
    }
  }
}

int run_doctor(const DoctorFlags& flags) {
  const auto config = read_config(flags.config);
  if (!config) return report_error(config.error());
  const SystemClock clock;
  Findings findings(flags.json);
  findings.good(flags.config.empty() ? "configuration: defaults"
                                     : "configuration: " + flags.config);
  if (config->alerts.smtp.empty()) findings.note("alerts: no [alerts] smtp; webhooks only");
  examine_reading(findings, *config);
  examine_clock(findings, clock);
  examine_resolvers(findings, config->resolvers, clock);
  examine_dot(findings, *config, clock);
  examine_capacity(findings, *config);
  examine_watched(findings, flags.server);
  examine_relays(findings, *config);
  return findings.finish();
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* verb = app.add_subcommand("doctor", "is everything there that a switchover needs?");
  verb->add_option("--config", flags->config, "mxswitch.toml");
  verb->add_flag("--json", flags->json, "the findings as one JSON object");
  add_server_flags(*verb, flags->server);
  verb->footer("Example: mxswitch doctor --config /etc/mxswitch/mxswitch.toml");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_doctor(*flags); }; });
}

}  // namespace mxswitch
