#include "deploy/mxswitch/application.h"

#include <fmt/format.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>

#include "dashboards/server/dashboard_server.h"
#include "deploy/mxswitch/network_outside.h"
#include "deploy/mxswitch/observation_desk.h"
#include "deploy/mxswitch/version.h"
#include "deploy/mxswitch/watch_source.h"
#include "monitor/alerts/sender.h"
#include "monitor/history/pruner.h"
#include "monitor/watch/observations.h"
#include "orchestrator/switchover/service.h"
#include "orchestrator/switchover/shared_outside.h"
#include "probes/base/log.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

// A stop that takes longer is cut: what is in flight is left to recovery.
constexpr seconds kStopPatience{5};

std::vector<monitor::Migration> all_migrations() {
  std::vector<monitor::Migration> all;
  for (auto part : {monitor::observation_migrations(), monitor::alert_migrations(),
                    orchestrator::journal_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// The button of a contact's test message.
class AckDesk final : public dashboards::AckSink {
 public:
  AckDesk(monitor::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<std::string> acknowledge(const std::string& token) override {
    const Time now = clock_.now();
    const auto state =
        database_.transact_blocking([&token, now](monitor::Transaction& transaction) {
          return monitor::acknowledge(transaction, token, now);
        });
    if (!state) return tl::unexpected(state.error());
    return fmt::format("Alerts about {} reach {}. Thank you.", state->domain, state->target);
  }

 private:
  monitor::Database& database_;
  const Clock& clock_;
};

// Where the file was named, beside the file.
Error located(Error error, const std::string& place) {
  error.where = place + ": " + error.where;
  return error;
}

Result<orchestrator::RelayOptions> with_token(const RelayConfig& config) {
  orchestrator::RelayOptions options = config.options;
  if (config.token_file.empty()) return options;
  const auto token = read_secret_file(config.token_file);
  if (!token) return tl::unexpected(located(token.error(), config.token_place));
  options.token = *token;
  return options;
}

dashboards::ProcessCounts process_counts(const monitor::WatchCounts& watch) {
  const auto in_seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  dashboards::ProcessCounts counts;
  for (std::size_t i = 0; i < watch.probes.size(); ++i) {
    counts.probes.push_back({monitor::WatchCounts::kKinds[i], watch.probes[i]});
  }
  counts.delayed_probes = watch.delayed_probes;
  counts.delay_seconds = in_seconds(watch.delay);
  const auto& bounds = monitor::WatchCounts::kCommitBounds;
  counts.commit_bounds.assign(bounds.begin(), bounds.end());
  counts.commits_within.assign(watch.commits_within.begin(), watch.commits_within.end());
  counts.commits = watch.commits;
  counts.failed_commits = watch.failed_commits;
  counts.commit_seconds = in_seconds(watch.commit_time);
  return counts;
}

monitor::WatchOptions watch_options(const Config& config,
                                    const probes::DelegationOptions& delegation) {
  monitor::WatchOptions options;
  options.delegation = delegation;
  options.rates.resolver = config.resolver_rate;
  options.rates.isp = config.isp_rate;
  options.rates.authority = config.authority_rate;
  return options;
}

Result<monitor::ChannelOptions> channel_options(const Config& config) {
  monitor::ChannelOptions options;
  options.from = config.alerts.from;
  options.helo = config.helo;
  if (config.alerts.smtp.empty()) return options;
  const auto smtp = parse_listen(config.alerts.smtp, config.file + " [alerts] smtp");
  if (!smtp) return tl::unexpected(smtp.error());
  options.smtp_address = smtp->address;
  options.smtp_port = static_cast<std::uint16_t>(smtp->port);
  return options;
}

}  // namespace

// Members are made from the top down and end from the bottom up.
struct Application::Parts {
  explicit Parts(Config settings) : config(std::move(settings)) {}

  Result<void> open();
  Result<void> open_dns();
  Result<void> open_relays();
  Result<OutsideOptions> read_outside_options() const;
  Result<void> open_dashboard();
  void begin();
  void stop();

  // A plan that names no relay means the only one there is.
  std::string relay_name(const std::string& name) const {
    return name.empty() && relays.size() == 1 ? relays.begin()->first : name;
  }

  std::string public_url() const {
    return config.base_url.empty() ? "http://" + config.listen : config.base_url;
  }

  Config config;
  SystemClock clock;
  asio::io_context loop{1};
  std::unique_ptr<monitor::Database> database;
  std::unique_ptr<probes::NetworkTransport> transport;
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<monitor::Channels> channels;
  std::unique_ptr<monitor::AlertSender> sender;
  probes::DelegationOptions delegation;
  std::unique_ptr<probes::DotAsker> dot;
  std::unique_ptr<monitor::Watch> watch;
  std::unique_ptr<WatchSource> reports;
  std::map<std::string, std::unique_ptr<orchestrator::RelayControl>> relays;
  std::map<std::string, std::string> drivers;
  orchestrator::SnapshotBoard board;
  std::unique_ptr<Offload> offload;
  std::unique_ptr<orchestrator::Outside> network, outside;
  std::unique_ptr<orchestrator::SwitchoverService> switchovers;
  std::unique_ptr<AckDesk> acknowledgements;
  std::unique_ptr<ObservationDesk> observations;
  std::unique_ptr<monitor::Pruner> pruner;
  std::unique_ptr<dashboards::DashboardServer> dashboard;
};

Result<void> Application::Parts::open() {
  auto opened = monitor::open_database(config.store, all_migrations());
  if (!opened) return tl::unexpected(opened.error());
  database = std::move(*opened);
  http = make_http_client(loop.get_executor());
  const auto channel = channel_options(config);
  if (!channel) return tl::unexpected(channel.error());
  channels = std::make_unique<monitor::Channels>(loop.get_executor(), *http, *channel);
  sender = std::make_unique<monitor::AlertSender>(loop.get_executor(), clock, *database, *channels,
                                                  config.alerts.test_every);
  if (auto done = open_dns(); !done) return done;
  if (auto done = open_relays(); !done) return done;
  return open_dashboard();
}

Result<void> Application::Parts::open_dns() {
  delegation = probes::from_this_host(config.roots);
  delegation.allow_special = config.allow_special;
  if (config.dot) {
    auto asker = probes::make_dot_asker(loop.get_executor(), clock, config.dot_ca);
    if (!asker) return tl::unexpected(located(asker.error(), config.dot_ca_place));
    dot = std::move(*asker);
  }
  transport = probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  monitor::WatchOptions options = watch_options(config, delegation);
  options.dot = dot.get();
  watch = std::make_unique<monitor::Watch>(loop.get_executor(), clock, *transport, database.get(),
                                           std::move(options));
  reports = std::make_unique<WatchSource>(*watch);
  return {};
}

Result<void> Application::Parts::open_relays() {
  for (const RelayConfig& relay : config.relays) {
    const auto options = with_token(relay);
    if (!options) return tl::unexpected(options.error());
    auto control = orchestrator::make_relay_control(*options, *http);
    if (!control) return tl::unexpected(located(control.error(), relay.place));
    drivers[options->name] = options->driver;
    relays[options->name] = std::move(*control);
  }
  return {};
}

Result<OutsideOptions> Application::Parts::read_outside_options() const {
  OutsideOptions options;
  options.delegation = delegation;
  options.helo = config.helo;
  for (const RelayConfig& relay : config.relays) {
    const ProbeMailbox& mailbox = relay.probe_mailbox;
    if (mailbox.imap.empty()) continue;
    const auto password = read_secret_file(mailbox.password_file);
    if (!password) return tl::unexpected(located(password.error(), mailbox.place));
    options.probe_mailboxes[relay.options.name] = {mailbox.imap, mailbox.user, *password,
                                                   mailbox.starttls};
  }
  return options;
}

Result<void> Application::Parts::open_dashboard() {
  auto outside_options = read_outside_options();
  if (!outside_options) return tl::unexpected(outside_options.error());
  offload = std::make_unique<Offload>();
  network =
      make_network_outside(loop.get_executor(), *transport, *offload, std::move(*outside_options));
  outside = std::make_unique<orchestrator::SharedOutside>(loop.get_executor(), clock, *network);
  orchestrator::SwitchoverParts parts{loop.get_executor(),
                                      clock,
                                      *database,
                                      board,
                                      *reports,
                                      *outside,
                                      orchestrator::plan_view_reader(config.resolvers),
                                      {},
                                      {},
                                      {},
                                      public_url(),
                                      [this] { sender->wake(); }};
  parts.relay = [this](const std::string& name) -> orchestrator::RelayControl* {
    const auto found = relays.find(relay_name(name));
    return found == relays.end() ? nullptr : found->second.get();
  };
  parts.driver = [this](const std::string& name) {
    const auto found = drivers.find(relay_name(name));
    return found == drivers.end() ? std::string("none") : found->second;
  };
  parts.relay_names.emplace();
  for (const auto& [name, control] : relays) parts.relay_names->push_back(name);
  parts.intervals.relay = config.relay_poll;
  parts.intervals.old_server = config.probe_every;
  parts.intervals.flow_probe = config.probe_every;
  switchovers = std::make_unique<orchestrator::SwitchoverService>(std::move(parts));
  acknowledgements = std::make_unique<AckDesk>(*database, clock);
  observations = std::make_unique<ObservationDesk>(*database, clock);
  pruner =
      std::make_unique<monitor::Pruner>(loop.get_executor(), clock, *database, config.retention);

  const auto listen = parse_listen(config.listen, config.file);
  if (!listen) return tl::unexpected(listen.error());
  dashboards::DashboardOptions options;
  options.http.address = listen->address;
  options.http.port = listen->port;
  options.http.threads = 64 + 32;  // every stream holds one
  options.http.tokens = config.tokens;
  options.http.certificate_file = config.certificate_file;
  options.http.key_file = config.key_file;
  options.version = kVersion;
  options.counts = [this] { return process_counts(watch->counts()); };
  options.public_url = config.base_url;
  options.public_host = config.base_host;
  options.allowed_hosts = config.allowed_hosts;
  options.observations = observations.get();
  dashboard = std::make_unique<dashboards::DashboardServer>(options, board, *switchovers,
                                                            *acknowledgements, clock);
  return {};
}

void Application::Parts::begin() {
  sender->start();
  pruner->start();
  asio::co_spawn(
      loop,
      [this]() -> asio::awaitable<void> {
        const auto started = co_await switchovers->start();
        if (!started) log(LogLevel::error, started.error().text());
      },
      asio::detached);
}

// readyz first, then the streams and the server, then the loop's parts; the database ends last,
// when all that was accepted is committed.
void Application::Parts::stop() {
  log(LogLevel::info, "stopping");
  dashboard->set_ready(false);
  board.close();
  dashboard->stop();
  switchovers->stop();
  sender->stop();
  pruner->stop();
  watch->stop();
  transport->cancel_all();
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::make(Config config) {
  auto parts = std::make_unique<Parts>(std::move(config));
  if (auto opened = parts->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Application>(new Application(std::move(parts)));
}

Result<void> Application::run() {
  Parts& parts = *parts_;
  if (auto started = parts.dashboard->start(); !started) return started;
  log(LogLevel::info, fmt::format("serving http://{}/", parts.config.listen));
  asio::signal_set signals(parts.loop, SIGINT, SIGTERM);
  signals.async_wait([&parts](const std::error_code&, int) { parts.loop.stop(); });
  parts.begin();
  parts.loop.run();

  signals.clear();
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { ::_exit(1); });
  parts.stop();
  parts.loop.restart();
  parts.loop.run_for(kStopPatience);
  return {};
}

}  // namespace mxswitch
